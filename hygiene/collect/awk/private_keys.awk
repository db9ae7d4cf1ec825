# ---- private keys: what kind, encrypted or not, whose, and the public part. The private part is never printed.
function byte(o,   g, i, v, k) {
  g = int(o / 3)
  if (g != GROUP) { v = 0; for (i = 1; i <= 4; i++) { k = substr(B64, g * 4 + i, 1); v = v * 64 + ((k in V) ? V[k] : 0) } GROUP = g; G0 = int(v / 65536); G1 = int(v / 256) % 256; G2 = v % 256 }
  o -= g * 3
  return o == 0 ? G0 : o == 1 ? G1 : G2
}
function u32(o) { return ((byte(o) * 256 + byte(o + 1)) * 256 + byte(o + 2)) * 256 + byte(o + 3) }
function head(end) { return substr(B64, 1, int((end + 2) / 3) * 4) }
# openssh-key-v1 carries cipher and public part before the private part; the up to 2 bytes more that a group of
# base64 holds belong to the length of the private part
function openssh(   o, l) {
  GROUP = -1; ENCR = "unknown"; PUBLIC = "-"
  if (substr(B64, 1, 19) != "b3BlbnNzaC1rZXktdjE") return
  o = 15; l = u32(o); if (l > 64) return
  ENCR = (l == 4 && byte(o + 4) == 110 && byte(o + 5) == 111 && byte(o + 6) == 110 && byte(o + 7) == 101) ? "no" : "yes"
  o += 4 + l; l = u32(o); if (l > 64) return
  o += 4 + l; l = u32(o); if (l > 1024) return
  o += 4 + l; if (u32(o) != 1) return
  o += 4; l = u32(o); if (l < 20 || l > 4000 || o + 4 + l > length(B64) * 3 / 4) return
  PUBLIC = "head:" head(o + 4 + l)
}
function der(o, tag,   n, k) {  # sets DO, DL: where the content starts, its length
  if (byte(o) != tag) return 0
  DL = byte(o + 1); DO = o + 2
  if (DL > 127) { k = DL - 128; if (k > 2) return 0; DL = 0; while (k-- > 0) DL = DL * 256 + byte(DO++) }
  return 1
}
# RSA in PKCS#1, also inside PKCS#8: modulus and exponent stand before the private numbers
function rsa(   o) {
  GROUP = -1
  if (!der(0, 48) || !der(DO, 2) || DL != 1 || byte(DO) != 0) return
  o = DO + DL
  if (byte(o) == 48) { if (!der(o, 48) || DL != 13 || !der(DO + DL, 4) || !der(DO, 48) || !der(DO, 2) || DL != 1 || byte(DO) != 0) return; o = DO + DL }
  if (!der(o, 2) || DL < 64 || DL > 2100 || !der(DO + DL, 2) || DL < 1 || DL > 8) return
  if (DO + DL > length(B64) * 3 / 4) return
  PUBLIC = "rsa:" head(DO + DL)
}
function lone(c,   l) { l = ""; c | getline l; close(c); return l }
function private_key(p,   f, l, n, k, m) {  # gives `KIND ENCRYPTED PUBLIC`
  f = "." p; KIND = ""; ENCR = "unknown"; PUBLIC = "-"; B64 = ""
  for (n = 1; n <= 400 && (getline l < f) > 0; n++) {
    sub(/\r$/, "", l)
    if (KIND == "") {
      if (l ~ /^-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/) {
        k = l; sub(/^-----BEGIN /, "", k); sub(/ ?PRIVATE KEY-----.*/, "", k)
        KIND = (k == "OPENSSH") ? "openssh" : (k == "" || k == "ENCRYPTED") ? "pkcs8" : "pem-" tolower(k)
        gsub(/[^a-z0-9-]/, "-", KIND); ENCR = (k == "ENCRYPTED") ? "yes" : "no"
      } else if (l ~ /^PuTTY-User-Key-File-/) KIND = "putty"
      else if (l ~ /^---- BEGIN SSH2 ENCRYPTED/) { KIND = "ssh.com"; break }
      continue
    }
    if (KIND == "putty") {
      if (l ~ /^Encryption:/) ENCR = (l ~ /^Encryption: *none/) ? "no" : "yes"
      else if (match(l, /^Public-Lines: */)) {
        m = substr(l, RLENGTH + 1) + 0; if (m > 200) m = 0
        while (m-- > 0 && (getline l < f) > 0) { sub(/\r$/, "", l); B64 = B64 l }
        if (B64 ~ /^[A-Za-z0-9+\/=]+$/) PUBLIC = "blob:" B64
        break
      }
      continue
    }
    if (l ~ /^-----END/ || length(B64) > 12000) break
    if (l ~ /^Proc-Type: *4,ENCRYPTED/ || l ~ /^DEK-Info:/) ENCR = "yes"
    else if (l !~ /:/) { gsub(/[ \t]/, "", l); B64 = B64 l }
  }
  close(f)
  if (KIND == "openssh") openssh()
  else if (ENCR == "no" && KIND ~ /^(pem-|pkcs8)/) {
    if (KIND == "pem-rsa" || KIND == "pkcs8") rsa()
    # through a pipe: ssh-keygen refuses files that others can read, and those are the ones that matter
    if (PUBLIC == "-" && TOOLS++ < 200) {
      l = lone("cat " word(p) " | ssh-keygen -y -P \"\" -f /dev/stdin 2>/dev/null"); split(l, A, " ")
      if (A[2] ~ /^AAAA[A-Za-z0-9+\/=]+$/) PUBLIC = "blob:" A[2]
      else { l = lone("openssl pkey -in " word(p) " -passin pass: -pubout -outform DER 2>/dev/null | openssl base64 -A"); if (l ~ /^[A-Za-z0-9+\/=]+$/) PUBLIC = "spki:" l }
    }
  }
  B64 = ""
  return (KIND == "" ? "unknown" : KIND) " " ENCR " " PUBLIC
}
function private_keys(   i, j, r, c, l, n, p, NLS, a, roots) {
  r = "/root /home /etc /var/lib /srv /opt /usr/local /export/home /Users"
  n = split(r, a, " ")
  for (i = 1; i <= n; i++) want(a[i])
  settle(); roots = ""
  for (i = 1; i <= n; i++) {
    if (S[a[i]] == "notvisited") note("private_keys", "network-file-system", a[i])
    if (S[a[i]] == "unreadable" || S[a[i]] == "unknown") note("private_keys", S[a[i]], a[i])
    if (isdir(a[i]) && !(R[a[i]] in TOP)) { TOP[R[a[i]]] = 1; roots = roots " " word(R[a[i]]) }
  }
  # -xdev stops at every mount: local ones below the roots are roots of their own, the others are named
  for (i = 1; i <= NLOCAL; i++) for (r in TOP) if (index(LOCAL[i], r "/") == 1 && !(LOCAL[i] in MNT) && harmless(LOCAL[i])) { MNT[LOCAL[i]] = 1; roots = roots " " word(LOCAL[i]) }
  for (i = 1; i <= NNET; i++) for (r in TOP) if (index(NETS[i], r "/") == 1) note("private_keys", "network-file-system", NETS[i])
  if (roots == "") { flow("private_keys", "ok", 0, ""); return }
  NLS = SQ "*\n*" SQ
  c = "find" roots " -xdev \\( -type d \\( -name proc -o -name sys -o -name .git -o -name node_modules -o -name .cache -o -name overlay2 -o -name overlay -o -name man -o -name locale \\) -prune \\) -o " \
    "-type f -size +100c -size -20480c \\( -path " NLS " -exec sh -c \"for f do echo; done\" sh {} + -o " \
    "-exec grep -lE -e \"^(-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----|PuTTY-User-Key-File-[123]:|---- BEGIN SSH2 ENCRYPTED PRIVATE KEY)\" {} + \\) 2>&1"
  n = 0; j = 0
  while ((c | getline l) > 0) {
    if (l == "") j++
    else if (l ~ /^\.\//) { l = substr(l, 2); if (l in KEYF) continue; if (n < 5000) { KEYF[l] = 1; KEYS[++n] = l; need(l) } else if (n == 5000) { n++; note("private_keys", "too-many", "more than 5000") } }
    else if (l ~ /ermission denied/) DENIED++
    else if (l ~ /^find: .*(nknown|nrecogni|nvalid|illegal)/) note("private_keys", "search-failed", l)
  }
  close(c)
  if (n > 5000) n = 5000
  if (j) note("private_keys", "file-names-with-newline", j)
  if (DENIED) note("private_keys", "unreadable", DENIED " folders or files")
  QUIET = NSEEN; ask(); NSEEN = QUIET
  for (i = 1; i <= n; i++) {
    p = KEYS[i]
    if (T[p] != "-") { BUF[i] = "unknown unknown - ? ? ? ? " p; continue }
    split(M[p], a, " ")
    BUF[i] = private_key(p) " " a[1] " " a[2] " " a[3] " " a[4] " " p
  }
  flow("private_keys", "ok", n, "")
}
