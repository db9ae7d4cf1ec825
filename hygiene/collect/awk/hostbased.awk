# ---- hosts that may vouch for somebody, and tickets: looked for where a line of the configuration turns such a method on
function vouching(k, l) { if (tolower(l) ~ /yes/) VOUCH[k] = 1 }
# Words as sscanf() splits them; a line of three or more, or of none, does nothing (check_rhosts_file() in auth-rhosts.c).
function equivword(t) {
  sub(/^[-+]/, "", t); sub(/^@/, "", t)
  if (length(t) > 63 && t !~ /[._-]/ || length(t) > 31 && t ~ /^[0-9A-Fa-f]+$/) return 0
  return t ~ /^[A-Za-z0-9._-]*[$]?$/ || t ~ /^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(%[A-Za-z0-9._-]+)?$/
}
function equiv(l,   a, n) {
  if (l ~ /BEGIN.*PRIVATE KEY/) BLOCK = 1
  if (BLOCK) { if (l ~ /-----END/) BLOCK = 0; return "hyg:dropped " length(l) }
  if (length(l) > 1022) return "hyg:dropped " length(l)  # sshd reads it in pieces
  if (l ~ /^[ \t]*#/) return "#"
  gsub(/[\v\f\r]/, " ", l)
  n = split(l, a, " ")
  if (n == 0) return ""
  if (n > 2) return "#"
  return equivword(a[1]) && (n == 1 || equivword(a[2])) ? l : "hyg:dropped " length(l)
}
function knownhost(l,   a, n, i, m) {  # hosts, type and key, without the comment
  if (l ~ /BEGIN.*PRIVATE KEY/) BLOCK = 1
  if (BLOCK) { if (l ~ /-----END/) BLOCK = 0; return "hyg:dropped " length(l) }
  if (l ~ /^[ \t]*$/) return ""
  if (l ~ /^[ \t]*#/ || l ~ /^[ \t]*[^ \t]+[ \t]+[0-9]+[ \t]+[0-9]+[ \t]+[0-9]+/) return "#"
  if (length(l) > 16384 || !keylike(l)) return "hyg:dropped " length(l)
  n = split(l, a, /[ \t]+/); i = (a[1] == "") ? 2 : 1
  m = (a[i] ~ /^@[a-z-]+$/)
  if (m && a[++i] ~ /^@/) return "#"  # only one marker is allowed
  if (n < i + 2 || a[i] !~ /^[]A-Za-z0-9._:%*?!,|+\/=[-]+$/ || a[i + 1] !~ /^[a-z0-9@.-]+$/ || a[i + 2] !~ /^AAAA[A-Za-z0-9+\/]+=*$/) return "hyg:dropped " length(l)
  return substr(l, 1, index(l, a[i + 2]) + length(a[i + 2]) - 1)  # with its blanks: a tab behind a marker is no blank
}
function k5login(l) {
  if (l ~ /BEGIN.*PRIVATE KEY/) BLOCK = 1
  if (BLOCK) { if (l ~ /-----END/) BLOCK = 0; return "hyg:dropped " length(l) }
  if (l ~ /^[ \t]*$/) return ""
  if (!index(l, "@") || l ~ /[ \t\r]$/) return "#"  # a principal always has a realm, which ends in a letter
  return (l ~ /^[A-Za-z0-9._\/-]+@[A-Za-z0-9._-]+$/ && length(l) < 256) ? l : "hyg:dropped " length(l)
}
function krb5conf(l) {  # what decides whose ticket opens which account; nothing else of the file
  if (l ~ /^[ \t]*\[[a-z]+\]/) { match(l, /\[[a-z]+\]/); KRBPART = substr(l, RSTART, RLENGTH); return KRBPART }
  if (l ~ /^[ \t]*[{}][ \t\r]*$/) return l
  if (l ~ /^(include|includedir|module)[ \t]+[A-Za-z0-9._\/-]+:?[A-Za-z0-9._\/-]*[ \t\r]*$/) return l
  if (l ~ /^[ \t]*(default_realm|default_keytab_name|k5login_authoritative|k5login_directory)[ \t]*=[ \t]*[A-Za-z0-9._\/:-]*[ \t\r]*$/) return l
  if (l ~ /^[ \t]*(default_realm|default_keytab_name|k5login_authoritative|k5login_directory|auth_to_local|auth_to_local_names|localauth|enable_only|disable)[ \t=*]/) {
    match(l, /[A-Za-z0-9_]+/); return substr(l, RSTART, RLENGTH) " = ?"
  }
  return (l ~ /^[ \t]*$/) ? "" : "#"
}
# The lines of one file that may leave. `mine`: it stands in a home folder, where its account may have put a link: then it
# is its own file, or one that everybody (in its home: or it) can read, or nothing of it leaves.
function vouched(kind, f, max, mine, uid,   st, r, j, x, l, a) {
  st = state(f, max); r = R[f]; N = 0
  if (st == "ok" && (VBYTES += SIZE[r]) > BIG + BIG) st = "toolarge"
  if (st == "ok") st = whole(r, max)
  if (st == "notvisited") note("sshd", "network-file-system", f)
  if (st == "ok") {
    split(M[r], a, " "); BLOCK = 0
    x = r == f && (!mine || substr(M[r], 8, 1) == "r") || a[2] == uid || anyone(r)
    for (j = 1; j <= N; j++) {
      l = uptonul(BUF[j])
      BUF[j] = !x ? (l ~ /^[ \t]*$/ ? "" : "hyg:dropped " length(l)) : (kind == "equiv") ? equiv(l) : (kind == "khosts") ? knownhost(l) : (kind == "k5login") ? k5login(l) : krb5conf(l)
    }
  }
  flow(kind, st, N, f)
  return st
}
function vouchers(   i, j, n, m, a, h, f, some, H, U) {
  if (!VOUCH["hostbasedauthentication"] && !VOUCH["gssapiauthentication"] && !VOUCH["kerberosauthentication"]) return
  n = split("/etc/hosts.equiv /etc/ssh/shosts.equiv /etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2 /etc/krb5.keytab /etc/krb5.conf", a, " ")
  for (i = 1; i <= n; i++) want(a[i])
  m = 0
  for (i = 1; i <= NPW; i++) {
    if (split(PW[i], a, ":") < 6 || PW[i] ~ /^(hyg:|[+-])/) continue
    h = folder_of(a[6])
    H[++m] = h; U[m] = a[3]; want(h == "" ? "/" : h)
    if (VOUCH["hostbasedauthentication"]) { want(h "/.shosts"); want(h "/.rhosts") }
    if (VOUCH["gssapiauthentication"] || VOUCH["kerberosauthentication"]) want(h "/.k5login")
  }
  settle()
  if (VOUCH["hostbasedauthentication"]) {
    some = S["/etc/hosts.equiv"] != "absent" || S["/etc/ssh/shosts.equiv"] != "absent"
    vouched("equiv", "/etc/hosts.equiv", SMALL, 0, "0"); vouched("equiv", "/etc/ssh/shosts.equiv", SMALL, 0, "0")
    vouched("khosts", "/etc/ssh/ssh_known_hosts", BIG, 0, "0"); vouched("khosts", "/etc/ssh/ssh_known_hosts2", BIG, 0, "0")
    for (i = 1; i <= m; i++) {
      # where no file names a host, it does not matter which keys are known
      f = H[i]; VKNOWN[i] = some || S[f "/.shosts"] != "absent" || S[f "/.rhosts"] != "absent"
      if (VKNOWN[i]) { want(f "/.ssh/known_hosts"); want(f "/.ssh/known_hosts2") }
    }
    settle()
    for (i = 1; i <= m; i++) {
      f = H[i]; if (("vouch", f) in DONE) continue
      DONE["vouch", f] = 1
      vouched("equiv", f "/.shosts", SMALL, 1, U[i]); vouched("equiv", f "/.rhosts", SMALL, 1, U[i])
      if (VKNOWN[i]) { vouched("khosts", f "/.ssh/known_hosts", SMALL, 1, U[i]); vouched("khosts", f "/.ssh/known_hosts2", SMALL, 1, U[i]) }
    }
  }
  if (VOUCH["gssapiauthentication"] || VOUCH["kerberosauthentication"]) {
    begin("keytab", S["/etc/krb5.keytab"] == "ok" ? state("/etc/krb5.keytab", 1000000000) : S["/etc/krb5.keytab"], 0, "/etc/krb5.keytab")
    KNEXT[1] = "/etc/krb5.conf"; m = 1
    for (i = 1; i <= m && i <= 50; i++) {
      f = KNEXT[i]; if (("krb5", f) in DONE) continue
      DONE["krb5", f] = 1; want(f); settle()
      vouched("krb5conf", f, SMALL, 0, "0"); n = N
      for (j = 1; j <= n; j++) {
        if (split(BUF[j], a, " ") == 2 && a[1] == "include") KNEXT[++m] = a[2]
        else if (a[1] == "includedir" && a[2] != "") KDIR[++NKDIR] = folder_of(a[2])
      }
      for (; NKDIR; NKDIR--) { want(KDIR[NKDIR]); settle(); glob(KDIR[NKDIR], "*", "pam"); for (j = 1; j <= NFOUND; j++) KNEXT[++m] = FOUND[j] }
    }
    if (m > 50) note("pam", "too-many-files", KNEXT[51])
    for (i = 1; i <= NPW; i++) {
      if (split(PW[i], a, ":") < 6 || PW[i] ~ /^(hyg:|[+-])/) continue
      f = folder_of(a[6]) "/.k5login"
      if (!(("k5", f) in DONE)) { DONE["k5", f] = 1; vouched("k5login", f, SMALL, 1, a[3]) }
    }
  }
}
