# ---- Match blocks: which accounts and sources they tell apart, and what sshd -T -C says of one of each
# what is left out, as too many or with a name that -C cannot hold, is only not compared with what the files say
function matchline(l,   n, i, j, c, k) {
  n = tokens(l)
  if (n == 0 || n == 1 && tolower(TOK[1]) == "all" || (l in MLINES)) return
  MLINES[l] = 1
  if (NM >= 100) return
  NM++; k = 0
  for (i = 1; i <= n; i++) {
    c = tolower(TOK[i])
    if (c == "all") continue
    k++; MC[NM, k] = c; MV[NM, k] = ""
    if (c == "invalid-user") continue
    if ((j = index(c, "=")) > 1) { MC[NM, k] = substr(c, 1, j - 1); MV[NM, k] = substr(TOK[i], j + 1) }
    else MV[NM, k] = TOK[++i]
  }
  MK[NM] = k
}
function wild(s, p,   r, i, c) {  # match_pattern() of sshd
  if (p !~ /[*?]/) return s == p
  if (!(p in WILD)) {
    r = "^"
    for (i = 1; i <= length(p); i++) {
      c = substr(p, i, 1)
      r = r (c ~ /[A-Za-z0-9_-]/ ? c : c == "*" ? ".*" : c == "?" ? "." : c == "^" || c == "\\" ? "\\" c : "[" c "]")
    }
    WILD[p] = r "$"
  }
  return s ~ WILD[p]
}
function listed(s, l,   n, a, i, r) {  # match_pattern_list(): 1, 0, or -1 by a negated one
  n = split(l, a, ","); r = 0
  for (i = 1; i <= n; i++) {
    if (substr(a[i], 1, 1) == "!") { if (wild(s, substr(a[i], 2))) return -1 }
    else if (wild(s, a[i])) r = 1
  }
  return r
}
# An address as 8 groups of 16 bits (IPv4: in the last two) in GR; the family, or 0
function groups(s,   n, a, i, j, k, h, c) {
  for (i = 1; i <= 8; i++) GR[i] = 0
  if (s ~ /^[0-9]+[.][0-9]+[.][0-9]+[.][0-9]+$/) {
    split(s, a, ".")
    for (i = 1; i <= 4; i++) if (length(a[i]) > 3 || a[i] > 255) return 0
    GR[7] = a[1] * 256 + a[2]; GR[8] = a[3] * 256 + a[4]
    return 4
  }
  if (s !~ /^[0-9A-Fa-f:]+$/ || !index(s, ":")) return 0
  k = index(s, "::"); s = tolower(s)
  if (k) {
    n = split(substr(s, k + 2), a, ":"); j = (k > 1) ? gsub(/:/, ":", s) : 0
    for (i = 1; i <= n; i++) GR[8 - n + i] = hex(a[i])
    s = substr(s, 1, k - 1)
  }
  n = split(s, a, ":"); if (n > 8 || !k && n != 8) return 0
  for (i = 1; i <= n; i++) GR[i] = hex(a[i])
  return 6
}
function hex(s,   i, v) { v = 0; for (i = 1; i <= length(s) && i <= 4; i++) v = v * 16 + index("0123456789abcdef", substr(s, i, 1)) - 1; return v }
function inside(s, p,   f, m, i, k, b, A, B) {  # one item of addr_match_list()
  m = index(p, "/"); k = m ? substr(p, m + 1) : ""; if (m) p = substr(p, 1, m - 1)
  f = groups(p)
  if (!f || m && k !~ /^[0-9]+$/) return m ? 0 : wild(s, p)
  for (i = 1; i <= 8; i++) A[i] = GR[i]
  if (groups(s) != f) return 0
  if (!m) k = (f == 4) ? 32 : 128
  if (f == 4) k += 96
  for (i = 1; i <= 8; i++) {
    if (k <= 0) break
    b = 1; for (; k < 16; k++) b *= 2
    if (int(A[i] / b) != int(GR[i] / b)) return 0
    k -= 16
    if (b > 1) break
  }
  return 1
}
function addressed(s, l,   n, a, i, r) {
  n = split(l, a, ","); r = 0
  for (i = 1; i <= n; i++) {
    if (substr(a[i], 1, 1) == "!") { if (inside(s, substr(a[i], 2))) return -1 }
    else if (inside(s, a[i])) r = 1
  }
  return r
}
function dotted(v) { return (v < 0 || v > 4294967295) ? "" : int(v / 16777216) "." int(v / 65536) % 256 "." int(v / 256) % 256 "." v % 256 }
function filled(p, sep, n,   k, s) {  # an address that a pattern with * and ? matches
  gsub(/[?]/, "1", p); s = p; k = n - gsub(sep == "." ? "[.]" : ":", "&", s)
  if (index(p, "::")) k = 0
  s = "1"; for (; k > 0; k--) s = s sep "1"
  sub(/[*]/, s, p); gsub(/[*]/, "1", p)
  return p
}
function candidate(kind, v) { if (v != "" && v ~ /^[A-Za-z0-9_.:%-]+$/ && !((kind, v) in CANDS)) { CANDS[kind, v] = 1; CAND[kind, ++NCAND[kind]] = v } }
function candidates(kind, l,   n, a, i, p, m, f, v, w) {  # addresses inside and beside each that a Match line names
  n = split(l, a, ",")
  for (i = 1; i <= n; i++) {
    p = a[i]; sub(/^!/, "", p); m = index(p, "/")
    if (p ~ /[*?]/) { candidate(kind, index(p, ":") ? filled(p, ":", 7) : filled(p, ".", 3)); continue }
    f = groups(m ? substr(p, 1, m - 1) : p)
    if (f == 4) {
      v = GR[7] * 65536 + GR[8]; w = 1; for (m = m ? substr(p, m + 1) + 0 : 32; m < 32; m++) w *= 2
      v -= v % w
      candidate(kind, dotted(v)); candidate(kind, dotted(v + w - 1)); candidate(kind, dotted(v - 1)); candidate(kind, dotted(v + w))
    } else if (f == 6) { candidate(kind, m ? substr(p, 1, m - 1) : p); candidate(kind, "2001:db8:77::77") }
  }
}
function holds(c, v, s,   a) {  # a criterion that does not ask for the account; s: a source
  split(s, a, " ")
  if (c == "address") return addressed(a[1], v) == 1
  if (c == "host") return listed(tolower(a[2]), tolower(v)) == 1
  if (c == "localaddress") return addressed(a[3], v) == 1
  if (c == "localport") return v == a[4]
  if (c == "rdomain") return a[5] != "-" && listed(a[5], v) == 1
  return 0
}
function sources(   i, k, c, v, n, a, j, x, h, la, lp, rd, s, sig, SIGS) {
  candidate("address", "192.0.2.77"); candidate("localaddress", "192.0.2.1"); candidate("localport", "22"); CAND["rdomain", ++NCAND["rdomain"]] = "-"
  for (i = 1; i <= NM; i++) for (k = 1; k <= MK[i]; k++) {
    c = MC[i, k]; v = MV[i, k]
    if (c == "address" || c == "localaddress") candidates(c, v)
    else if (c == "localport") { candidate(c, v); if (v == "22") candidate(c, "2") }
    else if (c == "host" || c == "rdomain") { n = split(v, a, ","); for (j = 1; j <= n; j++) { sub(/^!/, "", a[j]); gsub(/[*?]/, "x", a[j]); candidate(c, tolower(a[j])) } }
  }
  for (h = 1; h <= NCAND["address"] + NCAND["host"]; h++) for (la = 1; la <= NCAND["localaddress"]; la++) for (lp = 1; lp <= NCAND["localport"]; lp++) for (rd = 1; rd <= NCAND["rdomain"]; rd++) {
    if (++x > 3000) return
    # without UseDNS the name of a host is its address
    s = (h > NCAND["address"]) ? "192.0.2.77 " CAND["host", h - NCAND["address"]] : CAND["address", h] " " CAND["address", h]
    s = s " " CAND["localaddress", la] " " CAND["localport", lp] " " CAND["rdomain", rd]
    sig = ""
    for (i = 1; i <= NM; i++) for (k = 1; k <= MK[i]; k++) if (MC[i, k] !~ /^(user|group|invalid-user)$/) sig = sig holds(MC[i, k], MV[i, k], s)
    if (sig in SIGS) continue
    SIGS[sig] = 1
    if (NSRC >= 64) return
    SRC[++NSRC] = s
  }
}
function classes(   i, j, k, n, a, g, u, G, MEMB, sig, r, x, y) {  # CLASS: one account of each; CFIT: of which Match lines it is
  for (i = 1; i <= NGR; i++) { split(GRP[i], a, ":"); if (!(a[3] in G)) G[a[3]] = a[1] }
  for (i = 1; i <= NGR; i++) { split(GRP[i], a, ":"); n = split(a[4], u, ","); for (j = 1; j <= n; j++) MEMB[u[j]] = MEMB[u[j]] ":" G[a[3]] }
  for (i = 1; i <= NPW; i++) {
    if (split(PW[i], a, ":") < 6 || PW[i] ~ /^(hyg:|[+-])/) continue
    n = split(G[a[4]] MEMB[a[1]], g, ":"); sig = ""
    for (j = 1; j <= NM; j++) {
      r = 1
      for (k = 1; k <= MK[j] && r; k++) {
        if (MC[j, k] == "user") r = (listed(a[1], MV[j, k]) == 1)
        else if (MC[j, k] == "group") { r = 0; for (x = 1; x <= n; x++) { y = listed(g[x], MV[j, k]); if (y == -1) { r = 0; break } if (y) r = 1 } }
        else if (MC[j, k] == "invalid-user") r = 0
      }
      sig = sig r
    }
    if (sig in CFITS || a[1] ~ /[,\001-\037]/) continue
    CFITS[sig] = 1
    if (NCLASS >= 200) break
    CLASS[++NCLASS] = a[1]; CFIT[NCLASS] = sig
  }
}
function sshd_tc(   i, j, k, l, a, sig, r, x, SIGS, n) {
  sources(); classes()
  for (i = 1; i <= NSRC; i++) for (j = 1; j <= NCLASS; j++) {
    sig = ""
    for (l = 1; l <= NM; l++) {
      r = substr(CFIT[j], l, 1) + 0
      for (k = 1; k <= MK[l] && r; k++) if (MC[l, k] !~ /^(user|group)$/) r = holds(MC[l, k], MV[l, k], SRC[i])
      sig = sig (r ? 1 : 0)
    }
    if (sig in SIGS) continue
    SIGS[sig] = 1; split(SRC[i], a, " ")
    x = "user=" CLASS[j] ",host=" a[2] ",addr=" a[1] ",laddr=" a[3] ",lport=" a[4] (a[5] == "-" ? "" : ",rdomain=" a[5])
    for (l = 1; l <= NL; l++) {
      if (++n > 64) return
      asked("sshd_tc", LCMD[l] " -C " quoted(x), substr(LARG[l], 2) " -C " x)
    }
  }
}
