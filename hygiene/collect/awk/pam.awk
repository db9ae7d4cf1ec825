# ---- PAM: the files that the modules of the account stage read
function pamnames(l,   m, p, c) {
  if (match(l, /pam_(listfile|access|time|nologin)[.]so/)) m = substr(l, RSTART, RLENGTH)
  else return
  while (match(l, /[ \t[](file|accessfile|conffile)=/)) {
    c = substr(l, RSTART, 1); l = substr(l, RSTART + RLENGTH)
    p = l; if (c == "[") sub(/].*/, "", p); else sub(/[ \t\r].*/, "", p)
    if (p !~ /^\// || (m, p) in PAMNAMED) continue
    PAMNAMED[m, p] = 1
    if (NPAMF >= 50) { note("pam", "too-many-files", p); return }
    NPAMF++
    if (m ~ /nologin/) { NOLOGIN[++NNOLOGIN] = p; want(p) } else PAMF[++NPAMC] = p
  }
}
function ruleline(l) {  # a line of one of these files, unless it is of a file that holds hashes or keys
  if (l ~ /BEGIN.*PRIVATE KEY/) BLOCK = 1
  if (BLOCK) { if (l ~ /-----END/) BLOCK = 0; return "hyg:dropped " length(l) }
  if (l ~ /^[ \t]*#/) return "#"
  if (length(l) > 4096 || l ~ /[$][A-Za-z0-9.-]+[$]/ || l ~ /^[^: ]*:[^: ]*:[0-9]*:[0-9]*:/) return "hyg:dropped " length(l)
  return l
}
function pamconf(p,   i, st) {
  if (("pamconf", p) in DONE) return
  DONE["pamconf", p] = 1; want(p); settle()
  if (S[p] == "absent" && p ~ /^\/usr\/etc/) return
  st = state(p, SMALL); N = 0
  if (st == "ok") st = whole(R[p], SMALL)
  BLOCK = 0
  for (i = 1; i <= N; i++) BUF[i] = ruleline(BUF[i])
  flow("pamconf", st, N, p)
}
function pam(   i, j, n, l, d) {
  if (S["/etc/pam.conf"] != "absent") text("pam", "/etc/pam.conf")
  for (j = split("/usr/local/etc/pam.d /usr/lib/pam.d /etc/pam.d", d, " "); j; j--) if (S[d[j]] != "absent" || j == 3) { glob(d[j], "*", "pam"); take(); texts("pam") }
  pamconf("/etc/security/access.conf"); pamconf("/etc/security/time.conf"); pamconf("/usr/etc/security/access.conf"); pamconf("/usr/etc/security/time.conf")
  want("/etc/security/access.d"); settle()
  n = glob("/etc/security/access.d", "*.conf", "pam"); for (i = 1; i <= n; i++) TAKEN[i] = FOUND[i]
  for (i = 1; i <= n; i++) pamconf(TAKEN[i])
  for (i = 1; i <= NPAMC; i++) pamconf(PAMF[i])
}
