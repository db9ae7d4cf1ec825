"""A fleet of isolated hosts, each with a real OpenSSH daemon, for tests that ask the daemon itself.

    with Lab(tree, [HostSpec("web1", accounts=[AccountSpec("root", 0, authorized_keys=[line])])]) as lab:
        lab.run(["hygiene", "audit", "-i", ...])          a command that reaches the hosts
        lab.login("web1", "root", key=private_key)        what the daemon says
        lab.exec_root("web1", ["sshd", "-T"])             a look inside, or a planted change

Every host is the unpacked Debian tree (tree.py) under an overlay of its own, in mount, PID, UTS, IPC and network
namespaces of its own, with its own /etc, homes, PAM files, machine-id and host keys. Two things are shared, because the
kernel is: `/proc/sys/kernel/random/boot_id` is the same on all hosts, and so is the clock.

The hosts stand in a network of their own (10.77.0.0/16 on a bridge in a namespace that has no way out). The machine's
own network and mount table hold nothing of it. When the keeper (the process that holds the namespaces) or the test run
ends, however it ends, the kernel takes everything away. A command of `lab.run` reaches a host at
`lab.hosts[NAME].address`, and the daemon sees it come from `AUDITOR_ADDRESS`. Clients inside the test process use
`lab.connect` or a socket of `lab.dial`.

Needs root, and apt for the first build of the tree.

`spec` says what hosts are like, `fleet` has the Lab, `tree` the Debian tree; the rest is below these three. Nothing is
imported here, because the keeper imports this package too and must stay small.
"""
