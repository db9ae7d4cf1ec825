# ---- AuthorizedPrincipalsFile: read by us as root where sshd reads it as the user, so that only what can be a principal leaves
function principals_pattern(t) { if (t != "" && tolower(t) != "none" && !(t in PPATS)) { PPATS[t] = 1; PPAT[++NPPAT] = t } }
function anyone(p) {  # may everybody read it?
  if (substr(M[p], 8, 1) != "r") return 0
  for (p = up(p); p != ""; p = up(p)) if (substr(M[p], 10, 1) !~ /[xt]/) return 0
  return 1
}
function principal(l,   c, s, t, o) {  # auth_check_principals_line() of sshd: the last word, options before it, no quotes around a #
  if (l ~ /BEGIN.*PRIVATE KEY/) BLOCK = 1
  if (BLOCK) { if (l ~ /-----END/) BLOCK = 0; return "" }
  if (length(l) > 8192) return ""
  c = index(l, "#"); if (c) l = substr(l, 1, c - 1)
  s = l; sub(/^[ \t]+/, "", s); sub(/[ \t]+$/, "", s)
  if (s == "" || s == "\r") return l (c ? "#" : "")
  t = s; o = ""
  if (match(s, / [^ ]*$/) || match(s, /\t[^\t]*$/)) { o = substr(s, 1, RSTART - 1); t = substr(s, RSTART); sub(/^[ \t]+/, "", t) }
  if (t !~ /^[A-Za-z0-9._@%+\/*-]+\r?$/ || index(t, "\\")) return ""
  # what looks like a token or a piece of a key is no name
  if (length(t) > 63 && t !~ /[._@-]/ || length(t) > 31 && t ~ /^[0-9A-Fa-f]+\r?$/) return ""
  if (o != "" && tolower(o) !~ /^[ \t]*,*((no-)?(agent|port|x11)-forwarding|cert-authority|command=|environment=|expiry-time=|from=|no-pty|no-user-rc|(no-)?touch-required|permitlisten=|permitopen=|principals=|pty|restrict|tunnel=|user-rc|(no-)?verify-required)/) return ""
  return l (c ? "#" : "")
}
function principals(   i, j, n, a, h, f, st, r, l, x, bytes) {
  if (!NPPAT) return
  for (i = 1; i <= NPW; i++) {
    if (split(PW[i], a, ":") < 6 || PW[i] ~ /^(hyg:|[+-])/) continue
    h = folder_of(a[6])
    for (j = 1; j <= NPPAT; j++) {
      f = expand(PPAT[j], a, h)
      if (f in PUID) { if (PUID[f] != a[3]) PUID[f] = "-"; continue }
      PUID[f] = a[3]; PFILE[++n] = f; want(f)
      if (h != "" && index(f, h "/") == 1) PHOME[f] = 1
    }
  }
  settle()
  for (i = 1; i <= n; i++) {
    f = PFILE[i]; st = state(f, SMALL); r = R[f]; N = 0
    if (st == "ok" && (bytes += SIZE[r]) > BIG) st = "toolarge"
    if (st == "ok") { st = whole(r, SMALL) }
    if (st == "notvisited") note("authorized_keys", "network-file-system", f)
    if (st == "ok") {
      split(M[r], a, " "); BLOCK = 0
      # a user may have put a link in its place: then it is his own file, or one that everybody can read, or nothing of it leaves
      x = !(r != f || f in PHOME) || a[2] == PUID[f] || anyone(r)
      for (j = 1; j <= N; j++) {
        l = x ? principal(uptonul(BUF[j])) : ""
        if (l == "" && uptonul(BUF[j]) !~ /^[ \t]*$/) { st = "filtered"; l = "hyg:dropped " length(BUF[j]) }
        BUF[j] = marked(BUF[j], l)
      }
    }
    flow("principals", st, N, f)
  }
}
