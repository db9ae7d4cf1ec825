# ---- sshd_config and sudoers: what they include and name
function tokens(s,   n, c, q, t) {  # TOK, as argv_split() of sshd: both quotes anywhere in a word, a comment ends them
  n = 0
  sub(/[ \t\r\n\f]+$/, "", s)
  while (n < 1000) {
    sub(/^[ \t]+/, "", s)
    if (s == "" || substr(s, 1, 1) == "#") return n
    t = ""; q = ""
    while (s != "") {
      if (q == "" && match(s, /^[^ \t"\\]+/) && !index(substr(s, 1, RLENGTH), SQ)) { t = t substr(s, 1, RLENGTH); s = substr(s, RLENGTH + 1); continue }
      c = substr(s, 1, 1)
      if (c == "\\" && (index("\"\\" SQ, substr(s, 2, 1)) && length(s) > 1 || q == "" && substr(s, 2, 1) == " ")) { t = t substr(s, 2, 1); s = substr(s, 3); continue }
      if (q == "" && c ~ /[ \t]/) break
      if (q == "" && (c == "\"" || c == SQ)) q = c
      else if (c == q) q = ""
      else t = t c
      s = substr(s, 2)
    }
    TOK[++n] = t
  }
  return n
}
function absolute(p, dir) { return (substr(p, 1, 1) == "/") ? p : dir "/" p }
function pattern(t) { if (t != "" && tolower(t) != "none" && !(t in PATS)) { PATS[t] = 1; PAT[++NPAT] = t } }
function setting(l,   k, n, i) {  # a line of sshd_config, in a Match block too, or the value of an option -o
  sub(/^[ \t]+/, "", l)
  if (!match(l, /^[A-Za-z0-9]+/)) return
  k = tolower(substr(l, 1, RLENGTH)); l = substr(l, RLENGTH + 1); sub(/^[ \t]*=?/, "", l)
  if (k == "match") { matchline(l); return }
  if (k ~ /^(hostbased|gssapi|kerberos)authentication$/) { vouching(k, l); return }
  if (k !~ /^(include|authorizedkeysfile|authorizedprincipalsfile|hostkey|trustedusercakeys|revokedkeys|authorizedkeyscommand|authorizedprincipalscommand|pidfile)$/) return
  n = tokens(l)
  for (i = 1; i <= n; i++) {
    if (k == "include") INC[++NINC] = absolute(TOK[i], "/etc/ssh")
    else if (k == "authorizedkeysfile") pattern(TOK[i])
    else if (k == "authorizedprincipalsfile") { if (i == 1) principals_pattern(TOK[i]) }
    else if (tolower(TOK[i]) == "none" || TOK[i] == "") continue
    else if (k == "hostkey") { if (TOK[i] ~ /^\//) PUB[++NPUB] = TOK[i] ".pub" }
    else if (k ~ /command$/) { if (i == 1) program(TOK[i]) }
    else if (k == "pidfile") { if (i == 1 && NPIDF < 50) PIDF[++NPIDF] = absolute(TOK[1], "") }
    # a daemon stands in the root folder
    else if (k == "trustedusercakeys" || k == "revokedkeys") { TOK[i] = absolute(TOK[i], ""); if (!(TOK[i] in TRUSTED)) { TRUSTED[TOK[i]] = 1; TRUST[++NTRUST] = TOK[i] } }
  }
}
function program(p) {  # one that sshd runs: of interest is whose it is, and whose the way to it
  if (p !~ /^\// || p in PROGS) return
  PROGS[p] = 1
  if (NPROG >= 50) { note("sshd", "too-many-programs", p); return }
  PROG[++NPROG] = p; want(p)
}
# The words of a command line of sshd from I on, whose quotes are lost or were taken out: sshd takes no bare words, so those
# behind an option belong to its value. OPTS and OPTV: letter and value of each -f, -o and -p.
function options(a, i, n,   c, v, q) {
  NOPTS = 0
  for (; i <= n && a[i] !~ /^\[listener\]/; i++) {
    if (!match(a[i], /^-[46DdeiqrtTG]*[fop]/)) continue
    c = substr(a[i], RLENGTH, 1); v = substr(a[i], RLENGTH + 1); q = (v == "") ? " " : ""
    if (v == "" && i < n) v = a[++i]
    if (c == "o") while (i < n && a[i + 1] !~ /^[-[]/) v = v " " a[++i]
    if (v != "") { OPTS[++NOPTS] = c; OPTV[NOPTS] = v; OPTQ[NOPTS] = q }
  }
}
function follow(   i) {  # what those options name counts as if it stood in the configuration
  for (i = 1; i <= NOPTS; i++) {
    if (OPTS[i] == "f") NEXTF[++NNEXT] = OPTV[i]
    else if (OPTS[i] == "o" && OPTV[i] !~ /^[Ii][Nn][Cc]/) setting(OPTV[i])
  }
}
function include(p, area,   d, b, i) {  # p may be a pattern; adds to NEXTF
  if (p ~ /[*?[]/) {
    match(p, /[*?[]/); d = up(substr(p, 1, RSTART - 1)); b = substr(p, length(d) + 2)
    if (d == "") d = "/"
    want(d); settle(); glob(d, b, area)
    if (area == "sshd" && !(d in CDIRS)) { CDIRS[d] = 1; TIMED[++NTIMED] = d }
    for (i = 1; i <= NFOUND; i++) NEXTF[++NNEXT] = FOUND[i]
  } else NEXTF[++NNEXT] = p
}
function configs(kind, area,   level, i, j, n, p, l, d, b) {  # NEXTF: where to start; follows includes, each file once
  for (level = 0; NNEXT && level <= 4; level++) {
    n = NNEXT; for (i = 1; i <= n; i++) { CUR[i] = NEXTF[i]; want(CUR[i]) }
    settle(); NNEXT = 0
    for (i = 1; i <= n; i++) {
      p = CUR[i]
      if ((kind, p) in DONE) continue
      DONE[kind, p] = 1
      if (level == 0 && S[p] == "absent" && p ~ /^\/usr\/|-rs$/) continue
      if (++NCONF > 2000) { note(area, "too-many-files", p); continue }
      text(kind, p); NINC = 0
      if (kind == "sshd_config" && S[p] == "ok") TIMED[++NTIMED] = p
      for (j = 1; j <= N; j++) {
        l = BUF[j]
        if (kind == "sshd_config") setting(l)
        else if (match(l, /^[ \t]*[#@]include(dir)?[ \t]+/)) {
          d = (l ~ /^[ \t]*[#@]includedir/); l = substr(l, RSTART + RLENGTH); sub(/[ \t\r]+$/, "", l)
          if (l ~ /^".*"$/) l = substr(l, 2, length(l) - 2)
          gsub(/\\/, "", l)
          if (l ~ /%/) { note(area, "include-by-host-name", l); continue }
          d = d ? l "/*" : l
          INC[++NINC] = absolute(d, up(p))
        }
      }
      if (NINC && level == 4) note(area, "includes-too-deep", p)
      else for (j = 1; j <= NINC; j++) {
        l = NNEXT; include(INC[j], area)
        # sudo skips names with a dot or with a tilde at the end
        if (kind == "sudoers" && INC[j] ~ /\/\*$/) { d = l; for (b = l + 1; b <= NNEXT; b++) if (NEXTF[b] !~ /\.[^\/]*$|~$/) NEXTF[++d] = NEXTF[b]; NNEXT = d }
      }
    }
  }
}
