# ---- PAM: its files, and those that modules of the account stage read
function redacted(l, paths,   n, out, c, o, v, e) {  # arguments such as password=...
  n = length(l)
  if (n > 8192 || index(l, NUL) || l ~ /^hyg:/) return "hyg:dropped " n
  out = ""
  while (match(tolower(l), /[a-z0-9_-]*(pass|pw|secret|key|token|pin)[a-z0-9_-]*=/)) {
    c = substr(l, RSTART - 1, 1); o = substr(l, RSTART, RLENGTH); out = out substr(l, 1, RSTART - 1) o; l = substr(l, RSTART + RLENGTH)
    e = (c == "[") ? index(l, "]") : match(l, /[ \t]/); v = e ? substr(l, 1, e - 1) : l
    out = out (open(o, v, paths) ? v : "REDACTED"); l = e ? substr(l, e) : ""
  }
  # libpam before 1.6 cuts a line behind 1022 bytes: whoever reads it has to see that it is so long
  return (out != "" && n > 1022) ? "hyg:dropped " n : out l
}
function open(o, v, paths) {  # is the value of this option no secret, for all its name?
  if (o ~ /^(pinverification|token_id_length)=$/) return v ~ /^[0-9]$/ || v ~ /^[0-9][0-9]$/
  return paths && o == "secret=" && v ~ "^(/|~/|[$][{](HOME|USER)[}])[]A-Za-z0-9_./${}~%@+, [-]*$"
}
function pamfile(p,   i, l, st) {
  st = state(p, SMALL); N = 0
  if (st == "ok") st = whole(R[p], SMALL)
  l = ""
  for (i = 1; i <= N; i++) {
    if (BUF[i] ~ /^[ \t]*#/) { BUF[i] = comment(BUF[i], 1022); continue }
    l = l BUF[i]; BUF[i] = redacted(BUF[i], l ~ /pam_google_authenticator[.]so/)
    if (sub(/\\$/, " ", l) && length(l) < 8192) continue
    pamnames(l); tokenrule(l); included(l); l = ""
  }
  flowended("pam", st, p)
}
function included(l,   p) {  # a file outside of the folders, which others find by their name alone
  if (l ~ /^[ \t]*@include[ \t]/) { p = l; sub(/^[ \t]*@include[ \t]+/, "", p) }
  else if (match(tolower(l), /^[ \t]*-?[a-z]+[ \t]+(include|substack)[ \t]+/)) p = substr(l, RLENGTH + 1)
  else return
  sub(/[ \t\r#].*/, "", p)
  if (p !~ /.\//&& p !~ /^\//) return
  if (p !~ /^\//) p = "/etc/pam.d/" p
  while (sub(/\/[.]?\//, "/", p)) ;
  if (p in PAMINC) return
  PAMINC[p] = 1
  if (NPAMI >= 50) { note("pam", "too-many-files", p); return }
  PAMI[++NPAMI] = p
}
function comment(l, max) { return (length(l) > max || index(l, NUL)) ? "hyg:dropped " length(l) : "#" }
function pamnames(l,   m, o, p, c) {
  if (l ~ /pam_securetty[.]so/) SECURETTY = 1
  if (match(l, /pam_(listfile|access|time|nologin|faillock|sepermit|localuser)[.]so/)) m = substr(l, RSTART + 4, RLENGTH - 7)
  else return
  o = (m == "access") ? "accessfile" : (m == "time") ? "conffile" : (m ~ /^(faillock|sepermit)$/) ? "conf" : "file"
  while (match(l, "[ \t[]" o "=")) {
    c = substr(l, RSTART, 1); l = substr(l, RSTART + RLENGTH)
    p = l; if (c == "[") sub(/].*/, "", p); else sub(/[ \t\r].*/, "", p)
    if (p !~ /^\// || (m, p) in PAMNAMED || p == "/etc/passwd") continue
    PAMNAMED[m, p] = 1
    if (NPAMF >= 50) { note("pam", "too-many-files", p); return }
    NPAMF++
    if (m == "nologin") { NOLOGIN[++NNOLOGIN] = p; want(p) }
    else if (m == "localuser") LOCALF[++NLOCALF] = p
    else PAMF[++NPAMC] = p
  }
}
function ruleline(l, max) {  # a line of one of these files, unless it is of a file that holds hashes or keys
  if (l ~ /BEGIN.*PRIVATE KEY/) BLOCK = 1
  if (BLOCK) { if (l ~ /-----END/) BLOCK = 0; return "hyg:dropped " length(l) }
  if (l ~ /^[ \t]*#/) return comment(l, max)
  if (length(l) > 4096 || index(l, NUL) || l ~ /^hyg:|[$][A-Za-z0-9.-]+[$]/ || l ~ /^[^: ]*:[^: ]*:[0-9]*:[0-9]*:/) return "hyg:dropped " length(l)
  return l
}
function namesonly(l,   n) {  # pam_localuser looks for a line that starts with the name and a colon
  n = index(l, ":")
  if (!n && !index(l, NUL)) return ""
  if (n < 2 || n > 65 || index(l, NUL) || substr(l, 1, n - 1) !~ /^[A-Za-z0-9._@+-]+[$]?$/) return "hyg:dropped " length(l)
  return substr(l, 1, n)
}
function pamconf(p, names,   i, st, max) {
  if (("pamconf", p) in DONE) return
  DONE["pamconf", p] = 1; want(p); settle()
  if (S[p] == "absent" && p ~ /^\/usr\/etc/) return
  st = state(p, SMALL); N = 0
  if (st == "ok") st = whole(R[p], SMALL)
  if (st == "ok" && R[p] in SECRETK) { for (i = 1; i <= N; i++) BUF[i] = tokenline(SECRETK[R[p]], BUF[i]); flow("pamconf", st, N, p); return }
  # pam_listfile knows no comments, and before PAM 1.6 it reads 254 bytes at a time
  BLOCK = 0; max = (("listfile", p) in PAMNAMED) ? 254 : 4096
  for (i = 1; i <= N; i++) BUF[i] = names ? namesonly(BUF[i]) : ruleline(BUF[i], max)
  flowended("pamconf", st, p)
}
function pam(   i, j, n, d) {
  people()
  if (S["/etc/pam.conf"] != "absent") text("pam", "/etc/pam.conf")
  for (j = split("/usr/local/etc/pam.d /usr/lib/pam.d /etc/pam.d", d, " "); j; j--) if (S[d[j]] != "absent" || j == 3) { glob(d[j], "*", "pam"); take(); texts("pam") }
  for (i = 1; i <= NPAMI; i++) { want(PAMI[i]); settle(); if (!(("pam", PAMI[i]) in DONE)) { DONE["pam", PAMI[i]] = 1; pamfile(PAMI[i]) } }
  enrolments()
  n = split("security/access.conf security/time.conf security/sepermit.conf security/faillock.conf login.defs shells", d, " ")
  for (i = 1; i <= n; i++) { want("/etc/" d[i]); want("/usr/etc/" d[i]) }
  for (i = 1; i <= NPAMC; i++) want(PAMF[i])
  for (i = 1; i <= NLOCALF; i++) want(LOCALF[i])
  want("/etc/security/access.d"); settle()
  for (i = 1; i <= n; i++) { pamconf("/etc/" d[i]); pamconf("/usr/etc/" d[i]) }
  n = glob("/etc/security/access.d", "*.conf", "pam"); for (i = 1; i <= n; i++) TAKEN[i] = FOUND[i]
  for (i = 1; i <= n; i++) pamconf(TAKEN[i])
  for (i = 1; i <= NPAMC; i++) pamconf(PAMF[i])
  for (i = 1; i <= NLOCALF; i++) pamconf(LOCALF[i], 1)  # last: another module may read more of it
  if (SECURETTY) pamconf("/etc/securetty")
  modules()
}
