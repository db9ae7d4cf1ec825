# ---- all of it
BEGIN {
  PROCINFO["BUFFERPIPE"] = 1
  SQ = sprintf("%c", 39); ENC = ENVIRON["HYG_ENC"]; LIVE = (ENVIRON["HYG_MODE"] != "offline"); ROOTUID = (ENVIRON["HYG_UID"] == "0")
  TEXT = "echo @T; " ENC "; echo @E"; LS = "-ldnq"
  CRYPT64 = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"; SUM = ENVIRON["HYG_SUM"]
  getline KEY  # before anything else is started that reads from the same pipe
  SMALL = 262144; BIG = 4194304; BUDGET = 20000000
  x = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
  for (i = 1; i <= 64; i++) V[substr(x, i, 1)] = i - 1
  probe()
  if (LIVE) mounts()
  # does this ls know -q? (the one of busybox does not, and prints no control character of a name anyway)
  ASKED["/"] = 1; list(" ./.")
  if (!("/" in T)) { LS = "-ldn"; list(" ./.") }
  T["/"] = "d"

  n = split("/etc/os-release /usr/lib/os-release /etc/machine-id /var/lib/dbus/machine-id /etc/hostname /etc/passwd /etc/group /etc/nsswitch.conf /etc/shadow /etc/master.passwd " \
    "/etc/doas.conf /usr/local/etc/doas.conf /etc/pam.conf /etc/pam.d /usr/lib/pam.d /usr/local/etc/pam.d /etc/ssh /etc/nologin /var/run/nologin /run/nologin " \
    "/var/lib/dpkg/status /lib/apk/db/installed /etc/sudoers /etc/ssh/sshd_config /usr/bin/sudo /usr/local/bin/sudo /usr/bin/sudo-rs /usr/bin/doas /usr/local/bin/doas /usr/bin/su /bin/su " \
    "/usr/sbin/sshd /usr/local/sbin/sshd /usr/lib/ssh/sshd /usr/bin/sshd /usr/sbin/dropbear /var/lib/rpm /usr/lib/sysimage/rpm " \
    "/etc/systemd/system /run/systemd/system /usr/lib/systemd/system /lib/systemd/system /etc/inetd.conf /etc/xinetd.d", A, " ")
  for (i = 1; i <= n; i++) want(A[i])
  settle()

  # system
  text("os-release", S["/etc/os-release"] == "ok" ? "/etc/os-release" : "/usr/lib/os-release")
  text("machine-id", S["/etc/machine-id"] == "ok" ? "/etc/machine-id" : "/var/lib/dbus/machine-id")
  if (S["/etc/hostname"] == "ok") text("hostname", "/etc/hostname")
  if (LIVE) {
    N = slurp("/proc/sys/kernel/random/boot_id", 1000); flow("boot-id", N > 0 ? "ok" : "absent", N > 0 ? N : 0, "")
    N = output("exec uname -a", 1); UNAME = BUF[1]; flow("uname", "ok", N, "")
    if (slurp("/proc/sys/fs/protected_symlinks", 100) == 1) { BUF[1] = "fs.protected_symlinks " BUF[1]; flow("sysctl", "ok", 1, "") }
  }
  if (ENVIRON["HYG_OWNERS"] != "") {
    close(TEXT)
    system("echo @B owners; { cksum " quoted(ENVIRON["HYG_OWNERS"]) "; echo; cat " quoted(ENVIRON["HYG_OWNERS"]) "; } | " ENC "; echo @E")
  }

  # accounts
  text("passwd", "/etc/passwd"); text("group", "/etc/group"); text("nsswitch", "/etc/nsswitch.conf")
  for (i = 1; i <= N; i++) if (BUF[i] ~ /^[ \t]*passwd:/) { sub(/#.*/, "", BUF[i]); if (BUF[i] ~ /[ \t:](sss|ldap|winbind|nis|nisplus|hesiod|extrausers)/) NSS = 1 }
  if (NSS && LIVE) directory_accounts()
  if (S["/etc/master.passwd"] == "ok") text("shadow", "/etc/master.passwd")
  if (S["/etc/master.passwd"] != "ok" || S["/etc/shadow"] != "absent") text("shadow", "/etc/shadow")
  digests()

  # sudo
  NNEXT = split("/etc/sudoers /usr/local/etc/sudoers /etc/sudoers-rs", NEXTF, " "); configs("sudoers", "sudo")
  for (i = split("/etc/doas.conf /usr/local/etc/doas.conf", A, " "); i; i--) if (S[A[i]] != "absent") text("doas", A[i])

  # sshd
  NNEXT = 0; SSHD = ""
  n = split("/usr/sbin/sshd /usr/local/sbin/sshd /usr/lib/ssh/sshd /usr/bin/sshd", A, " ")
  for (i = 1; i <= n && SSHD == ""; i++) if (state(A[i], 1000000000) == "ok" && M[R[A[i]]] ~ /^-..x/) SSHD = A[i]
  units()
  if (LIVE) {
    procs()
    if (SSHD != "") { N = output(SSHD " -V 2>&1", 20); flow("sshd_version", "ok", N, SSHD) }
  }
  NEXTF[++NNEXT] = "/etc/ssh/sshd_config"; NEXTF[++NNEXT] = "/usr/local/etc/ssh/sshd_config"; NEXTF[++NNEXT] = "/usr/etc/ssh/sshd_config"
  configs("sshd_config", "sshd")
  N = 0; package()
  if (LIVE) times()
  if (LIVE && SSHD != "" && ROOTUID) { sshd_t(); if (NM) sshd_tc() }

  # PAM
  pam()

  # host keys
  if (S["/etc/ssh"] != "absent") { glob("/etc/ssh", "*.pub", "host_keys"); take(); texts("hostkey_pub") }
  NTAKEN = 0
  for (i = 1; i <= NPUB; i++) { want(PUB[i]); TAKEN[++NTAKEN] = PUB[i] }
  settle(); texts("hostkey_pub")

  # authorized_keys
  pattern(".ssh/authorized_keys"); pattern(".ssh/authorized_keys2")
  plan()
  keyfiles("akeys", NPLAN)
  principals()
  vouchers()
  if (NTRUST > 50) note("authorized_keys", "too-many-files", TRUST[51])
  for (i = 1; i <= NTRUST && i <= 50; i++) { PLAN[i] = TRUST[i]; want(TRUST[i]) }
  settle(); keyfiles("trust", i - 1)

  private_keys()

  if (ENVIRON["HYG_LOGS"] == "1") logs()

  # tables
  for (i = 1; i <= NSHELL; i++) {
    f = SHELL[i]; p = absolute(f, ""); st = S[p]  # sshd stands in /
    if (st == "ok") st = (T[R[p]] != "-") ? "missing" : (substr(M[R[p]], 1, 10) ~ /[xst]/) ? "ok" : "notexecutable"
    else if (st == "absent") st = "missing"
    else st = "unknown"
    BUF[i] = st " " f
  }
  flow("shells", "ok", NSHELL + 0, "")
  n = split("/usr/bin/sudo /usr/local/bin/sudo /usr/bin/sudo-rs /usr/bin/doas /usr/local/bin/doas /usr/bin/su /bin/su /usr/sbin/sshd /usr/local/sbin/sshd /usr/lib/ssh/sshd /usr/bin/sshd /usr/sbin/dropbear /etc/nologin /var/run/nologin /run/nologin", A, " ")
  for (i = 1; i <= n; i++) BUF[i] = (S[A[i]] == "ok" ? "present" : S[A[i]]) " " A[i]
  for (i = 1; i <= NPROG; i++) BUF[++n] = (S[PROG[i]] == "ok" ? "present" : S[PROG[i]]) " " PROG[i]
  for (i = 1; i <= NNOLOGIN; i++) BUF[++n] = (S[NOLOGIN[i]] == "ok" ? "present" : S[NOLOGIN[i]]) " " NOLOGIN[i]
  flow("exists", "ok", n, "")
  for (i = 1; i <= NDIRS; i++) BUF[i] = DSTATE[DIRLIST[i]] " " DIRLIST[i]
  flow("dirs", "ok", NDIRS + 0, "")
  for (i = 1; i <= NLINKED; i++) BUF[i] = LINKED[i]
  flow("links", "ok", NLINKED + 0, "")
  n = 0
  for (i = 1; i <= NLNK; i++) { BUF[++n] = LNK[i]; BUF[++n] = L[LNK[i]] }
  flow("symlinks", "ok", n, "")
  n = 0
  for (i = 1; i <= NSEEN; i++) if (SEEN[i] in M) BUF[++n] = M[SEEN[i]] " " SEEN[i]
  flow("meta", "ok", n, "")
  close(TEXT)
  for (i = 1; i <= NOTES && i <= 2000; i++) print NOTE[i]
  if (NOTES > 2000) print "@N authorized_keys too-many-notes " NOTES
  print "@DONE"
