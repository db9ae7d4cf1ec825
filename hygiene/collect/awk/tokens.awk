# ---- PAM: what second factors stand on. Of a token only that it is there leaves the host, and whose it is; of files with
# secrets only names of accounts and settings, each written anew from what was understood
function trim(s) { sub(/^[ \t\r\v\f]+/, "", s); sub(/[ \t\r\v\f]+$/, "", s); return s }
function values(l, o,   c, p, n) {  # VAL: what a rule gives an option
  n = 0
  while (match(l, "[ \t[]" o "=")) {
    c = substr(l, RSTART, 1); l = substr(l, RSTART + RLENGTH)
    p = l; if (c == "[") sub(/].*/, "", p); else sub(/[ \t\r].*/, "", p)
    VAL[++n] = p
  }
  return n
}
# M tells how a pattern becomes a path: as google or oath do it, as u2f does, by putting the home before it (home) or the
# name behind it (user), or not at all (path). K is the kind of content, if any of it may leave.
function enrolment(m, pat, k) { if (pat != "" && !((m, pat) in ENRP)) { ENRP[m, pat] = 1; ENRM[++NENR] = m; ENRT[NENR] = pat; ENRK[NENR] = k } }
function setup(kind, p) { if (p ~ /^\// && !(p in SETK)) { if (NSET >= 50) { note("pam", "too-many-files", p); return } SETK[p] = kind; SETF[++NSET] = p } }
function tokenrule(l,   m, i, n) {
  if (match(l, /[ \t]\/[^ \t]*[.]so/)) enrolment("path", substr(l, RSTART + 1, RLENGTH - 1))
  if (!match(l, /pam_(google_authenticator|u2f|yubico|oath|otpw|krb5|duo|radius_auth|sss|winbind)[.]so/)) return
  m = substr(l, RSTART + 4, RLENGTH - 7)
  if (m ~ /^go/) {
    n = values(l, "secret"); for (i = 1; i <= n; i++) enrolment("google", VAL[i])
    if (!n) enrolment("google", "~/.google_authenticator")
  }
  else if (m == "u2f") {
    if (l ~ /[ \t]expand([ \t\r]|$)/) U2FEXPAND = 1
    n = values(l, "authfile"); for (i = 1; i <= n; i++) enrolment("u2f", VAL[i], "u2f")
    if (!n) enrolment("u2f", ".config/Yubico/u2f_keys", "u2f")
    if (!n && l ~ /[ \t]sshformat([ \t\r]|$)/) enrolment("u2f", ".ssh/id_ecdsa_sk")
    n = values(l, "conf"); for (i = 1; i <= n; i++) setup("u2fconf", VAL[i])
    setup("u2fconf", "/etc/security/pam_u2f.conf")
  }
  else if (m == "yubico") {
    n = values(l, "authfile"); for (i = 1; i <= n; i++) enrolment("path", VAL[i], "yubico")
    if (!n) enrolment("home", ".yubico/authorized_yubikeys", "yubico")
    if (l !~ /[ \t[]mode=challenge-response/) return
    n = values(l, "chalresp_path"); for (i = 1; i <= n; i++) { enrolment("path", VAL[i]); enrolment("user", VAL[i]) }
    if (!n) { enrolment("home", ".yubico"); enrolment("home", ".yubico/challenge") }
  }
  else if (m == "oath") { n = values(l, "usersfile"); for (i = 1; i <= n; i++) enrolment("oath", VAL[i], "oath") }
  else if (m == "otpw") { enrolment("home", ".otpw"); if (OTPW != "") enrolment("user", OTPW) }
  else if (m == "krb5") { enrolment("home", ".k5login"); setup("krb5", "/etc/krb5.conf") }
  else if (m ~ /^(duo|ra)/) {
    n = values(l, "conf"); for (i = 1; i <= n; i++) setup(m ~ /^d/ ? "duo" : "radius", VAL[i])
    if (n) return
    if (m == "duo") { setup("duo", "/etc/duo/pam_duo.conf"); setup("duo", "/etc/security/pam_duo.conf") }
    else { setup("radius", "/etc/pam_radius_auth.conf"); setup("radius", "/etc/raddb/server"); setup("radius", "/etc/pam_radius.conf") }
  }
  else if (m == "sss") setup("sssd", "/etc/sssd/sssd.conf")
  else setup("winbind", "/etc/security/pam_winbind.conf")
}
# As get_secret_filename() of pam_google_authenticator does it: a tilde counts at the start and behind a slash
function googled(s, name, home,   r, c, t) {
  if (s == "~/.google_authenticator") return home "/.google_authenticator"
  for (t = 1; s != "";) {
    if (t && substr(s, 1, 1) == "~") { r = r home; s = substr(s, 2); t = 0 }
    else if (substr(s, 1, 7) == "${HOME}") { r = r home; s = substr(s, 8); t = 0 }
    else if (substr(s, 1, 7) == "${USER}") { r = r name; s = substr(s, 8); t = 0 }
    else { c = substr(s, 1, 1); r = r c; s = substr(s, 2); t = (c == "/") }
  }
  return r
}
function swapped(s, what, by,   i, r) { for (r = ""; (i = index(s, what)) > 0; s = substr(s, i + length(what))) r = r substr(s, 1, i - 1) by; return r s }
function percent(s, name,   i, r, c) {  # expand_variables() of pam_u2f; nothing where it fails
  for (r = ""; (i = index(s, "%")) > 0; s = substr(s, i + 2)) {
    c = substr(s, i + 1, 1); if (c != "u" && c != "%") return ""
    r = r substr(s, 1, i - 1) (c == "u" ? name : c)
  }
  return r s
}
function tokenfile(p, k) {  # with the path as the module would open it
  if (p !~ /^\// || length(p) > 1000 || p in TOKK) return
  if (NTOKS++ >= TOKMAX) { if (NTOKS == TOKMAX + 1) note("pam", "too-many-files", p); return }
  TOKK[p] = k; TOKF[++NTOK] = p; TOKOWN[NTOK] = !(p in WANTED)
  if (NTOK >= TOKPART) tokenfiles()
}
# What was asked of these files is forgotten at once: with thousands of accounts there are many, and nobody else needs it
function tokenfiles(   i, p, k, r, a, q, l, n) {
  q = NSEEN; k = NLNK; l = NLINKED; NPASS = 0; PASSING = 1
  for (i = 1; i <= NTOK; i++) want(TOKF[i])
  settle(); PASSING = 0; NSEEN = q; NLNK = k
  # a list of owners that is given with an offline root has them by their real paths
  if (LIVE) NLINKED = l
  nonul()
  for (i = 1; i <= NTOK; i++) {
    p = TOKF[i]; k = TOKK[p]
    if (S[p] == "notvisited" && !TOKNET++) note("pam", "network-file-system", p)
    if (S[p] == "ok" && R[p] in PAMREAL) SECRETK[R[p]] = k
    # of one that names all accounts it is told too that it is not there
    if (k != "" && (S[p] == "ok" || p in FORALL)) secretconf(p, k)
  }
  enrolled(TOKF, NTOK)
  for (i = 1; i <= NTOK; i++) { p = TOKF[i]; delete TOKK[p]; delete DIR[up(p)]; if (TOKOWN[i]) { delete WANTED[p]; delete S[p]; delete R[p] } }
  for (i = 1; i <= NPASS; i++) { p = PASSED[i]; delete ASKED[p]; delete T[p]; delete L[p]; delete M[p]; delete SIZE[p]; delete NONUL[p] }
  NTOK = 0
}
function enrolled(F, n,   i, p, r, a) {  # the table: what there is, or why that is not known
  begin("enrolments", "ok", n + 0, "")
  for (i = 1; i <= n; i++) {
    p = F[i]
    if (S[p] == "ok") { split(M[R[p]], a, " "); print a[1], a[2], a[3], p | TEXT; continue }
    r = p; gsub("//+", "/", r)
    # pam_yubico takes a link that leads nowhere for a file
    print ((S[p] == "absent" && TOKK[p] == "yubico" && T[r] == "l") ? "unknown" : S[p]) " " p | TEXT
  }
}
# The lines of a small file, as whole() does, but without starting programs for each one that has no NUL
function small(p, max,   r, b, f) {
  if (!KEEPSNUL && !(p in NONUL)) return whole(p, max)
  f = "." p; N = 0; b = 0
  while ((r = (getline LINE < f)) > 0) { b += length(LINE) + 1; if (b > max + 1) break; BUF[++N] = LINE }
  close(f)
  if (b > max + 1) { N = 0; return "toolarge" }
  if (r < 0 || !N && SIZE[p]) { N = 0; return "unreadable" }
  return "ok"
}
function nonul(   i, j, n, p, q, c) {  # for an awk that keeps none: which of these files have no NUL
  if (KEEPSNUL) return
  for (i = 1; i <= NTOK + 1; i++) {
    p = (i <= NTOK) ? TOKF[i] : ""
    if (p != "" && TOKK[p] != "" && state(p, SMALL) == "ok") { q[++n] = R[p]; c = c " " word(R[p]) }
    if (n && (length(c) > 30000 || i > NTOK)) { if (!nuls(c)) for (j = 1; j <= n; j++) NONUL[q[j]] = 1; n = 0; c = "" }
  }
}
function oathline(l,   a, n) {  # parse_usersfile() of liboath: what it does not understand it passes over
  l = uptonul(l); gsub(/\r/, " ", l); n = split(l, a, " ")
  if (n < 4 || a[1] !~ "^HOTP(/[A-Z0-9]+)*$" || length(a[1]) > 16 || !(a[2] in ACC)) return n ? "#" : ""
  return a[1] " " a[2] " " (a[3] == "-" || a[3] == "+" ? a[3] : "set")
}
function u2fline(l,   a, b, n, i, j, k, o, f, x) {  # parse_native_format() of pam_u2f
  l = uptonul(l); sub(/^:+/, "", l); n = split(l, a, ":")
  if (!n || !(a[1] in ACC)) return n ? "#" : ""
  o = a[1] ":"; f = 0
  for (i = 2; i <= n; i++) {
    if (a[i] == "") continue
    k = split(a[i], b, ","); x = 0; sub(/\r$/, "", b[k])
    for (j = 1; j <= k; j++) if (b[j] != "") b[++x] = b[j]
    if (x < 4) b[4] = (x == 2) ? "+presence" : (x == 3) ? "" : "?"
    o = o (f++ ? ":" : "") (b[4] == "" ? "-" : b[4] ~ /^([+](presence|verification|pin))+$/ && length(b[4]) < 64 ? b[4] : "?")
  }
  return o
}
function yubicoline(l,   i) {  # check_user_token() of pam_yubico, which reads 1,023 bytes at a time
  if (l ~ /^#/) return (length(l) > 1022) ? "hyg:dropped " length(l) : "#"
  if (length(l) > 1022) return "hyg:dropped " length(l)
  l = uptonul(l); sub(/^:+/, "", l); i = index(l, ":"); if (i) l = substr(l, 1, i - 1)
  return (l in ACC) ? l ":" : l == "" ? "" : "#"
}
function radiusline(l,   a) {  # initialize() of pam_radius_auth, which reads 1,023 bytes at a time
  if (length(l) > 1022) return "hyg:dropped " length(l)
  l = uptonul(l); if (l ~ /^[ \t]*#/) return "#"
  gsub(/[\r\v\f]/, " ", l)
  return (split(l, a, " ") > 1) ? "server" : (a[1] == "") ? "" : "#"
}
function duoline(l,   k, v, i) {  # ini_parse() of duo_unix, which reads 199 bytes at a time; what it does not know ends it
  if (length(l) > 198 || index(l, NUL)) return "hyg:dropped " length(l)
  v = trim(l)
  if (v == "") return ""
  # such a line goes on with the value of the one before, a comment too
  if (l ~ /^[ \t\r\v\f]/) return "hyg:dropped " length(l)
  if (v ~ /^[;#]/) return "#"
  if (v ~ /^\[/) return (v ~ "^[[][A-Za-z0-9_. -]+[]]$") ? v : "hyg:dropped " length(l)
  i = index(v, "="); k = trim(substr(v, 1, i ? i - 1 : 0)); v = trim(substr(v, i + 1))
  if (match(v, /[ \t];/)) v = trim(substr(v, 1, RSTART - 1))
  # with these values it ends there
  if (k == "gecos_username_pos" && v !~ /^[1-9]/ || k == "gecos_delim" && (length(v) != 1 || v ~ /[A-Za-z0-9:]/)) return "hyg:dropped " length(l)
  if (k ~ /^(failmode|autopush|https_timeout|pushinfo|noverify|prompts|accept_env_factor|fallback_local_ip|send_gecos|gecos_parsed|gecos_username_pos|dev_fips_mode)$/)
    return k " = " (v ~ /^[A-Za-z0-9_.-]*$/ && length(v) < 17 ? v : "REDACTED")
  if (k ~ /^groups?$/) {  # patterns; a backslash keeps a blank
    i = v; gsub(/\\/, "", i)
    return (i ~ /^[]A-Za-z0-9_.,*?!@ +[-]*$/) ? k " = " v : "hyg:dropped " length(l)
  }
  if (k ~ /^(host|ikey|skey|cafile|http_proxy|gecos_delim)$/) return k " = " (v == "" ? "" : "REDACTED")
  return "hyg:dropped " length(l)
}
function sssdline(l,   k, v, i) {  # an ini file; a line that starts with a blank goes on with the value before it
  if (length(l) > 4096 || index(l, NUL)) { KEPT = 0; return "hyg:dropped " length(l) }
  v = trim(l)
  if (v == "" || v ~ /^[#;]/) return (v == "") ? "" : "#"
  if (l ~ /^[ \t]/) return KEPT ? "hyg:dropped " length(l) : "#"
  KEPT = 0
  if (v ~ /^\[/) { SECTION = tolower(v); if (v ~ "^[[][A-Za-z0-9_./@ -]+[]]$" && length(v) < 200) return v; return "hyg:dropped " length(l) }
  i = index(v, "="); if (i < 2) return "hyg:dropped " length(l)
  k = tolower(trim(substr(v, 1, i - 1))); v = trim(substr(v, i + 1))
  if (k ~ /^(services|domains)$/) i = (v ~ /^[A-Za-z0-9_., -]*$/ && length(v) < 500)
  else if (k ~ /^(id|auth|access)_provider$/) i = (v ~ /^[a-z0-9_]*$/ && length(v) < 17)
  else if (k ~ /^(pam_cert_auth|pam_passkey_auth)$/ || SECTION ~ "^[[] *prompting/" && k ~ /^(single_prompt|interactive|touch)$/) i = (tolower(v) ~ /^(true|false|yes|no|1|0)$/)
  else if (SECTION ~ "^[[] *prompting/" && k ~ /^[a-z]+_prompt$/) i = 0
  else return "#"
  KEPT = 1
  return k " = " (i ? v : "REDACTED")
}
function krb5line(l) {
  l = trim(uptonul(l))
  return (l ~ /^default_realm[ \t]*=[ \t]*[A-Za-z0-9._-]+$/ && length(l) < 300) ? "default_realm = " trim(substr(l, index(l, "=") + 1)) : l == "" ? "" : "#"
}
function winbindline(l,   k, v, i) {
  l = trim(uptonul(l))
  if (l ~ "^[[][a-z]+[]]$" && length(l) < 64) return l
  i = index(l, "="); k = tolower(trim(substr(l, 1, i ? i - 1 : 0))); v = trim(substr(l, i + 1))
  if (k !~ /^(debug|debug_state|silent|cached_login|krb5_auth|krb5_ccache_type|require[_-]membership[_-]of|warn_pwd_expire|try_authtok|mkhomedir|pwd_change_prompt)$/) return l == "" ? "" : "#"
  return k " = " (length(v) < 200 && (v ~ /^[A-Za-z0-9_]*$/ || k ~ /^req/ && v ~ /^[A-Za-z0-9_., +-]*$/) ? v : "REDACTED")
}
function u2fconfline(l,   k, v, i) {  # pack() and cfg_load_arg() of pam_u2f: what it does not know it passes over
  if (length(l) > 4096 || index(l, NUL)) return "hyg:dropped " length(l)
  v = l; sub(/#.*/, "", v); v = trim(v)
  if (v == "") return (trim(l) == "") ? "" : "#"
  if (v ~ /^(manual|nouserok|openasuser|alwaysok|interactive|cue|nodetect|expand|sshformat)$/) return v
  i = index(v, "="); k = trim(substr(v, 1, i ? i - 1 : 0)); v = trim(substr(v, i + 1))
  if (k ~ /^(max_devices|userpresence|userverification|pinverification)$/ && v ~ /^-?[0-9]+$/ && length(v) < 10) return k "=" v
  if (k == "authfile") return harmless(v) ? k "=" v : "hyg:dropped " length(l)
  return "#"
}
function tokenline(k, l) {
  if (k == "oath") return oathline(l)
  if (k == "u2f") return u2fline(l)
  if (k == "yubico") return yubicoline(l)
  if (k == "radius") return radiusline(l)
  if (k == "duo") return duoline(l)
  if (k == "sssd") return sssdline(l)
  if (k == "krb5") return krb5line(l)
  if (k == "winbind") return winbindline(l)
  if (k == "u2fconf") return u2fconfline(l)
  return "hyg:dropped " length(l)
}
function secretconf(p, k,   i, st) {  # what may leave of a file of this kind
  if (("pamconf", p) in DONE) return
  DONE["pamconf", p] = 1
  st = state(p, SMALL); N = 0; KEPT = 0; SECTION = ""
  if (st == "ok") st = small(R[p], SMALL)
  if (st == "ok" && (TOKBYTES += SIZE[R[p]]) > BIG) { N = 0; st = "toolarge" }
  for (i = 1; i <= N; i++) BUF[i] = tokenline(k, BUF[i])
  flow("pamconf", st, N, p)
}
function setups(   i, j, n) {  # the settings of modules; those of u2f may name more files
  if ("/etc/sssd/sssd.conf" in SETK) {
    want("/etc/sssd/conf.d"); settle()
    n = glob("/etc/sssd/conf.d", "*.conf", "pam"); for (i = 1; i <= n; i++) setup("sssd", FOUND[i])
  }
  for (i = 1; i <= NSET; i++) want(SETF[i])
  settle()
  for (i = 1; i <= NSET; i++) if (S[SETF[i]] == "ok") SECRETK[R[SETF[i]]] = SETK[SETF[i]]
  for (i = 1; i <= NSET; i++) {
    secretconf(SETF[i], SETK[SETF[i]])
    if (SETK[SETF[i]] != "u2fconf") continue
    for (j = 1; j <= N; j++) {
      if (BUF[j] == "expand") U2FEXPAND = 1
      else if (BUF[j] == "sshformat") enrolment("u2f", ".ssh/id_ecdsa_sk")
      else if (BUF[j] ~ /^authfile=./) enrolment("u2f", substr(BUF[j], 10), "u2f")
    }
  }
}
function people(   i, a) {  # ACC: the names of all accounts
  for (i = 1; i <= NPW; i++) {
    if (split(PW[i], a, ":") < 6 || PW[i] ~ /^(hyg:|[+-])/ || a[1] in ACC) continue
    ACC[a[1]] = 1; ACCN[++NACC] = a[1]; ACCH[NACC] = a[6]
    if (a[1] == "otpw" && a[3] + 0 <= 999) OTPW = a[6]
  }
}
function enrolments(   i, j, a, m, p) {
  TOKMAX = 40000; TOKPART = 4000
  for (i = 1; i <= NPAMC; i++) want(PAMF[i])
  for (i = 1; i <= NLOCALF; i++) want(LOCALF[i])
  settle()
  for (i = 1; i <= NPAMC; i++) PAMREAL[R[PAMF[i]]] = 1
  for (i = 1; i <= NLOCALF; i++) PAMREAL[R[LOCALF[i]]] = 1
  setups(); enrolled(SETF, NSET)
  for (i = 1; NENR && i <= NACC; i++) { p = folder_of(ACCH[i]); want(p == "" ? "/" : p) }
  settle()
  for (j = 1; j <= NENR; j++) for (i = 1; i <= NACC; i++) {
    m = ENRM[j]; p = ENRT[j]
    if (m == "google") p = (ACCH[i] ~ /^\//) ? googled(p, ACCN[i], ACCH[i]) : ""
    else if (m == "oath") p = swapped(swapped(p, "${HOME}", ACCH[i]), "${USER}", ACCN[i])
    else if (m == "home") p = ACCH[i] "/" p
    else if (m == "user") p = p "/" ACCN[i]
    else if (m == "u2f") {
      if (U2FEXPAND && p ~ /%/) { a = percent(p, ACCN[i]); tokenfile(a ~ /^\// ? a : (a == "") ? "" : ACCH[i] "/" a, ENRK[j]) }
      if (p !~ /^\//) p = ACCH[i] "/" p
    }
    if (p == ENRT[j]) FORALL[p] = 1
    tokenfile(p, ENRK[j])
    if (m == "path" || p == ENRT[j] && !(U2FEXPAND && p ~ /%/)) break
  }
  tokenfiles()
}
# ---- the modules that are installed: libpam fails where one is missing
function quietly(d, pat,   q, k, n, m) { q = NSEEN; k = NLNK; n = NDIRS; m = glob(d, pat, "pam"); NSEEN = q; NLNK = k; NDIRS = n; return m }
function modules(   i, n, m, d, j, r) {
  n = split("/lib/security /lib64/security /usr/lib/security /usr/lib64/security /usr/local/lib/security", d, " ")
  want("/lib"); want("/usr/lib"); settle()
  for (i = 1; i <= 2; i++) {
    r = (i == 1) ? "/lib" : "/usr/lib"
    if (i == 2 && R["/lib"] == R[r]) break
    m = quietly(r, "*-linux-gnu*")
    for (j = 1; j <= m; j++) d[++n] = FOUND[j] "/security"
  }
  for (i = 1; i <= n; i++) want(d[i])
  settle()
  for (i = 1; i <= n; i++) {
    if (S[d[i]] == "absent" || S[d[i]] == "ok" && (R[d[i]] in MODDIR)) continue
    MODDIR[R[d[i]]] = 1
    m = quietly(d[i], "*.so")
    for (j = 1; j <= m; j++) BUF[j] = substr(FOUND[j], length(d[i]) + 2)
    flow("pam_modules", DSTATE[d[i]], m, d[i])
  }
}
