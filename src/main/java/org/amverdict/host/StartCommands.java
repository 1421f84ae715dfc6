package org.amverdict.host;

/** How this host starts the program: the commands that remedies name. */
public enum StartCommands {
    SYSTEMD("systemctl start amverdict", "systemctl restart amverdict", "systemctl enable amverdict-rules"),
    /** The program is started by hand, or by another init. */
    OTHER(
            "amverdict run",
            "kill $(pgrep -f amverdict.jar); amverdict run",
            "have this host run 'amverdict rules --apply' before it brings the network up");

    private final String start;
    private final String restart;
    private final String rulesAtBoot;

    StartCommands(final String start, final String restart, final String rulesAtBoot) {
        this.start = start;
        this.restart = restart;
        this.rulesAtBoot = rulesAtBoot;
    }

    /** By the name of process 1; systemd, which the package is made for, if that cannot be read. */
    public static StartCommands of(final Host host) {
        final String first = host.read("/proc/1/comm").orEmpty().strip();
        return first.isEmpty() || first.equals("systemd") ? SYSTEMD : OTHER;
    }

    /** Starts the daemon. */
    public String start() {
        return start;
    }

    /** Stops it and starts it again. */
    public String restart() {
        return restart;
    }

    /** Stops the one that is this process. */
    public String stop(final long pid) {
        return this == SYSTEMD ? "systemctl stop amverdict" : "kill " + pid;
    }

    /** Loads the rules of the last 'rules --apply' at each boot. */
    public String rulesAtBoot() {
        return rulesAtBoot;
    }
}
