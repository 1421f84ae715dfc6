package org.amverdict.bench;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The kinds of traffic that are measured. */
public enum Mix {
    /**
     * Bursts of one flow in one system call and one sk_buff: the only way one core can send more than is consumed. A
     * request fits in the range of {@code copy: headers}, so it is read whole.
     */
    CONTROL("control", "well-formed NOOP requests, as fast as one core sends them", Kind.FLOOD, "headers", false),
    RATE("rate", "the same at a fixed rate, and every 0.5 ms a request that is timed", Kind.FLOOD, "headers", false),
    /** As many as one core sends through a raw socket, fewer than a consumer can handle: compare the CPU per packet. */
    SYN("syn", "TCP SYNs that nothing announced, from changing addresses", Kind.FLOOD, "headers", false),
    /**
     * Through a static range: an announced port is taken once, so a flood of those would be a flood of control
     * datagrams.
     */
    HIT("hit", "TCP SYNs that the policy lets in", Kind.FLOOD, "headers", false),
    FLOWS("flows", Traffic.FLOWS + " known TCP flows, packets of random ones", Kind.FLOOD, "headers", false),
    BULK("bulk", "one TCP stream of iperf3, queued in packets of up to 64 KiB", Kind.BULK, "headers", true),
    BULK_SEGMENTED(
            "bulk-segmented", "one TCP stream of iperf3, queued as it is on the wire", Kind.BULK, "headers", false),
    LATENCY(
            "latency",
            LatencyProbe.RATE + " requests/s, each timed from send to receive",
            Kind.LATENCY,
            "packet",
            false);

    private static final List<Column> FLOOD = List.of(
            new Column("packets_per_second", "packets/s", 0, Column.Beside.RATIO),
            new Column("cpu_ns_per_packet", "CPU ns/packet", 0, Column.Beside.RATIO),
            new Column("dropped", "dropped", 0, Column.Beside.NOTHING));
    private static final List<Column> LOADED = List.of(
            new Column("p50_us", "p50 us", 1, Column.Beside.ADDED),
            new Column("p99_us", "p99 us", 1, Column.Beside.ADDED),
            new Column("p999_us", "p99.9 us", 1, Column.Beside.ADDED),
            new Column("resolution_p99_us", "resolution", 1, Column.Beside.NOTHING),
            new Column("lost", "lost", 0, Column.Beside.NOTHING));

    private final String label;
    private final String description;
    private final Kind kind;
    private final String copy;
    private final boolean gso;

    Mix(final String label, final String description, final Kind kind, final String copy, final boolean gso) {
        this.label = label;
        this.description = description;
        this.kind = kind;
        this.copy = copy;
        this.gso = gso;
    }

    /** How a mix is measured. */
    enum Kind {
        FLOOD,
        BULK,
        LATENCY
    }

    /** Name on the command line and in reports. */
    public String label() {
        return label;
    }

    /** One line for the reader of the table. */
    String description() {
        return description;
    }

    Kind kind() {
        return kind;
    }

    /** The value of {@code copy} in amverdict's {@code queues}. */
    String copy() {
        return copy;
    }

    /** The value of {@code gso} there: without it the kernel queues a burst as the packets it stands for. */
    boolean gso() {
        return gso;
    }

    boolean udp() {
        return this == CONTROL || this == RATE || this == LATENCY;
    }

    /** Whether its packets come from many addresses, by which the kernel chooses the queue. */
    boolean manyAddresses() {
        return this == SYN || this == HIT || this == FLOWS;
    }

    /** Why there is no comparison with the ACCEPT rule, or empty. */
    String whyNotAccept() {
        return this == CONTROL ? "without a queue a burst crosses the host as one packet, and no program reads it" : "";
    }

    /** What is reported for each run, in the order of the table's columns. */
    List<Column> columns() {
        return switch (kind) {
            case FLOOD ->
                this == RATE ? Stream.concat(FLOOD.stream(), LOADED.stream()).toList() : FLOOD;
            case BULK ->
                List.of(
                        new Column("gigabits_per_second", "Gbit/s", 2, Column.Beside.RATIO_TO_ACCEPT),
                        new Column("cpu_seconds_per_gigabyte", "CPU s/GB", 3, Column.Beside.RATIO));
            case LATENCY ->
                List.of(
                        new Column("p50_us", "p50 us", 1, Column.Beside.ADDED),
                        new Column("p90_us", "p90 us", 1, Column.Beside.ADDED),
                        new Column("p99_us", "p99 us", 1, Column.Beside.ADDED),
                        new Column("p999_us", "p99.9 us", 1, Column.Beside.ADDED),
                        new Column("first_p50_us", "first p50", 1, Column.Beside.NOTHING),
                        new Column("first_p99_us", "first p99", 1, Column.Beside.NOTHING),
                        new Column("lost", "lost", 0, Column.Beside.NOTHING));
        };
    }

    /**
     * Reads {@code control,latency}, or {@code all}.
     *
     * @throws IllegalArgumentException names the unknown one and all there are
     */
    public static List<Mix> list(final String text) {
        if (text.equals("all")) {
            return List.of(values());
        }
        return Arrays.stream(text.split(",", -1)).map(Mix::named).distinct().toList();
    }

    /** All names, with commas. */
    static String names() {
        return Arrays.stream(values()).map(Mix::label).collect(Collectors.joining(","));
    }

    static Mix named(final String text) {
        for (final Mix mix : values()) {
            if (mix.label.equals(text)) {
                return mix;
            }
        }
        throw new IllegalArgumentException("'" + text + "' is no mix; there are " + names() + " and all");
    }
}
