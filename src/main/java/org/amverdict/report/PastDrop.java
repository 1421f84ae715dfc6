package org.amverdict.report;

import org.amverdict.json.JsonObject;

/** Packets of one kind that were dropped, or would have been in mode monitor. For one thread. */
final class PastDrop {
    final Key key;
    final String line;
    final Wrong wrong;
    final long firstMillis;
    long lastMillis;
    long count;

    /** What packets have in common that are reported together. */
    record Key(String source, String destination, To to, Judged judged, Of of) {
        /** Protocol and destination port. */
        record To(String protocol, long port) {}

        /** What became of them, and why. */
        record Judged(String verdict, String reason, String cause) {}

        /** The service and the exchange that they name, or their source port. */
        record Of(String service, String exchange) {}

        static Key of(final JsonObject event) {
            final JsonObject amanda = event.object("amanda");
            return new Key(
                    event.text("src_ip"),
                    event.text("dest_ip"),
                    new To(event.text("proto"), event.number("dest_port")),
                    new Judged(event.text("verdict"), event.text("reason"), event.text("cause")),
                    new Of(
                            amanda.text("service"),
                            amanda.text("handle") + " " + amanda.text("seq") + " "
                                    + (amanda.has("handle") ? "" : event.text("src_port"))));
        }

        /** Whether it is a request: to a control port, and refused before or after it was read. */
        boolean isRequest() {
            return to.protocol().equals("UDP")
                    && switch (judged.reason()) {
                        case "not-allowed", "service-not-allowed", "bad-request", "bad-control" -> true;
                        default -> false;
                    };
        }

        /** Whether it is an answer, or what looks like one. */
        boolean isAnswer() {
            return to.protocol().equals("UDP")
                    && switch (judged.reason()) {
                        case "unsolicited", "refused-reply" -> true;
                        default -> false;
                    };
        }
    }

    PastDrop(final Key key, final JsonObject event, final long millis) {
        this.key = key;
        line = event.text("line");
        firstMillis = millis;
        lastMillis = millis;
        wrong = Wrong.of(key.isRequest() ? Kind.REQUEST_DROPPED : Kind.ANSWER_DROPPED, event, event.text("reason"));
    }

    void add(final JsonObject event, final long millis) {
        lastMillis = millis;
        count += Math.max(1, event.number("count"));
    }
}
