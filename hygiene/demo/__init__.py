"""The demo fleet: hosts shaped like the breach, made on this machine, with the numbers that an audit must find."""
