package org.amverdict.amanda;

/** Amanda's well-known ports, as IANA and Amanda's inetd entries name them. Stateless. */
public final class AmandaPorts {
    /** amanda: amandad, UDP and, with bsdtcp, TCP. */
    public static final int AMANDA = 10_080;
    /** kamanda: amandad with Kerberos; Zmanda's client for Windows listens there too. */
    public static final int KAMANDA = 10_081;
    /** amandaidx: the index server of Amanda before 2.5.1; its dialogue negotiates nothing. */
    public static final int AMANDAIDX = 10_082;
    /** amidxtape: the tape server of Amanda before 2.5.1; its text names the port of the data. */
    public static final int AMIDXTAPE = 10_083;

    private AmandaPorts() {}
}
