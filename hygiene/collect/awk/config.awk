# ---- sshd_config and sudoers: what they include
function tokens(s,   n, c, t) {  # TOK, as sshd splits arguments: double quotes, a comment ends them
  n = 0
  while (1) {
    sub(/^[ \t\r]+/, "", s)
    if (n > 1000 || s == "" || substr(s, 1, 1) == "#") return n
    if (substr(s, 1, 1) == "\"") { s = substr(s, 2); c = index(s, "\""); t = c ? substr(s, 1, c - 1) : s; s = c ? substr(s, c + 1) : "" }
    else { match(s, /^[^ \t\r]+/); t = substr(s, 1, RLENGTH); s = substr(s, RLENGTH + 1) }
    TOK[++n] = t
  }
}
function absolute(p, dir) { return (substr(p, 1, 1) == "/") ? p : dir "/" p }
function pattern(t) { if (t != "" && tolower(t) != "none" && !(t in PATS)) { PATS[t] = 1; PAT[++NPAT] = t } }
function setting(l,   k, n, i) {
  sub(/^[ \t]+/, "", l)
  if (!match(l, /^[A-Za-z0-9]+/)) return
  k = tolower(substr(l, 1, RLENGTH)); l = substr(l, RLENGTH + 1); sub(/^[ \t]*=?/, "", l)
  if (k !~ /^(include|authorizedkeysfile|hostkey|trustedusercakeys|revokedkeys)$/) return
  n = tokens(l)
  for (i = 1; i <= n; i++) {
    if (k == "include") INC[++NINC] = absolute(TOK[i], "/etc/ssh")
    else if (k == "authorizedkeysfile") pattern(TOK[i])
    else if (TOK[i] !~ /^\//) continue
    else if (k == "hostkey") PUB[++NPUB] = TOK[i] ".pub"
    else if (tolower(TOK[i]) != "none") TRUST[++NTRUST] = TOK[i]
  }
}
function include(p, area,   d, b, i) {  # p may be a pattern; adds to NEXTF
  if (p ~ /[*?[]/) {
    match(p, /[*?[]/); d = up(substr(p, 1, RSTART - 1)); b = substr(p, length(d) + 2)
    if (d == "") d = "/"
    want(d); settle(); glob(d, b, area)
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
