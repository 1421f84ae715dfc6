package org.amverdict.incidents;

/**
 * A rare loss or refusal outside of the packet path. One line here is all that its figure needs: the metrics and the
 * object {@code losses} of the status take name, place and text from it. The order is that of the fields in JSON.
 */
public enum Incident {
    CONTROL_CUT_OFF(
            "amverdict_control_cut_off_total",
            "control_connections",
            "Connections to the control socket that were cut off: one too many, idle, slow to read, or with too long a"
                    + " request."),
    CONNTRACK_MALFORMED(
            "amverdict_conntrack_malformed_total",
            "conntrack_messages",
            "Malformed messages from connection tracking; ignored."),
    CONNTRACK_TRUNCATED(
            "amverdict_conntrack_truncated_total",
            "conntrack_truncated",
            "Messages from connection tracking that were too long for the buffer; ignored."),
    WATCHER_REFUSED(
            "amverdict_watchers_refused_total",
            "watchers",
            "Requests to watch that were refused because too many clients were watching."),
    HTTP_CUT_OFF(
            "amverdict_http_cut_off_total",
            "http_connections",
            "HTTP connections that were cut off: one too many, or slow to ask or to read."),
    HTTP_REFUSED(
            "amverdict_http_refused_total",
            "http_requests",
            "HTTP requests that were refused: malformed, too long, with another method, path or host name, or one"
                    + " different search too many."),
    CONTROL_REFUSED(
            "amverdict_control_refused_total",
            "control_requests",
            "Requests at the control socket that were refused: malformed, unknown, or with a wrong value."),
    UNANSWERED(
            "amverdict_unanswered_packets_total",
            "unanswered_packets",
            "Packets that the process before this one had read and not answered; dropped.");

    private final String metric;
    private final String field;
    private final String help;

    Incident(final String metric, final String field, final String help) {
        this.metric = metric;
        this.field = field;
        this.help = help;
    }

    /** Name of the metric, a counter. */
    public String metric() {
        return metric;
    }

    /** Name in the object {@code losses} of the status. */
    public String field() {
        return field;
    }

    /** Text of the metric: one sentence. */
    public String help() {
        return help;
    }
}
