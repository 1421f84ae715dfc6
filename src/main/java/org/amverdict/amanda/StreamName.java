package org.amverdict.amanda;

/** The names of streams in a CONNECT line. There are no others in any released version of Amanda. */
public enum StreamName {
    DATA("data"),
    MESG("mesg"),
    INDEX("index"),
    STATE("state"),
    CTL("ctl"),
    /** Amanda 4.0-alpha only. */
    CMD("cmd"),
    /** Not in a CONNECT line: the one TCP connection of auth bsdtcp to a control port. */
    CONTROL("control"),
    /** Not in a CONNECT line: a connection of legacy amrecover (10082, 10083 and the port it negotiates). */
    LEGACY("legacy"),
    /** Not in a CONNECT line: a connection let in by a configured static range. */
    STATIC("static"),
    /** Not in a CONNECT line: a connection that was under way when the program first saw it. */
    ADOPTED("adopted");

    private final String label;

    StreamName(final String label) {
        this.label = label;
    }

    /** Name in configuration, metrics and events. */
    public String label() {
        return label;
    }
}
