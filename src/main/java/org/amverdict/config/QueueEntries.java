package org.amverdict.config;

import static org.amverdict.config.SettingsKey.Absent.depends;
import static org.amverdict.config.SettingsKey.Absent.isMissed;
import static org.amverdict.config.SettingsKey.Absent.means;
import static org.amverdict.config.SettingsKey.part;

import java.util.ArrayList;
import java.util.List;
import org.amverdict.config.QueueRange.Wait;
import org.amverdict.config.Settings.Copy;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;

/** The entries of {@code queues}. Immutable. */
final class QueueEntries extends Entries<QueueRange> {
    private static final SettingsKey<QueueRange> NUMBERS = part(
            "queues.numbers",
            new Scalar<>(
                    "N or N-M, 0 to " + QueueRange.NUMBER_MAX,
                    (text, path) -> QueueRange.parse(text),
                    QueueRange::numbers,
                    schema -> schema.add("type", List.of("integer", "string"))),
            isMissed("10"),
            "Queue number or range.");
    private static final SettingsKey<Copy> COPY = part(
            "queues.copy",
            Kinds.choice(Copy.values(), Copy::label),
            means(Copy.PACKET),
            "How much of each packet the kernel copies. Control datagrams and connections of legacy recovery need packet."
                    + " For other TCP the headers are enough.");
    private static final SettingsKey<Integer> CPU = part(
            "queues.cpu",
            Kinds.number(0, QueueRange.CPU_MAX),
            means(QueueRange.ANY_CPU, "any"),
            "The processor of the first queue's thread. The next queue gets the next one.");
    private static final SettingsKey<Wait> WAIT = part(
            "queues.wait",
            Kinds.choice(Wait.values(), Wait::label),
            means(Wait.BLOCK),
            "What a thread does while there are no packets: sleep, or poll. Polling saves tens of microseconds"
                    + " and takes a whole processor.");
    private static final SettingsKey<Boolean> GSO = part(
            "queues.gso",
            Kinds.flag(),
            depends("true with headers, false with packet"),
            "Take packets before segmentation, up to 64 KiB: four to five times the throughput of bulk TCP. For queues of TCP"
                    + " only: it drops control datagrams that were merged on the way.");

    private static final String TOO_MANY = "more than " + Settings.QUEUES_MAX + " queues; each has a thread";

    QueueEntries() {
        super(
                true,
                List.of(
                        new Part<>(NUMBERS, range -> range),
                        new Part<>(COPY, QueueRange::copy),
                        new Part<>(CPU, range -> range.cpu() == QueueRange.ANY_CPU ? null : range.cpu()),
                        new Part<>(WAIT, QueueRange::waiting),
                        new Part<>(
                                GSO, range -> range.gso() == QueueRange.usualGso(range.copy()) ? null : range.gso())));
    }

    @Override
    @Nullable List<QueueRange> read(final Section in, final String name) {
        final List<Node> nodes = in.list(name);
        if (nodes == null) {
            return null;
        }
        if (nodes.isEmpty()) {
            in.error(name, "no queue; write - {numbers: 10}");
        }
        final List<QueueRange> queues =
                read(in, name, nodes.subList(0, Math.min(nodes.size(), Settings.QUEUES_MAX + 1)));
        final int count = queues.stream().mapToInt(QueueRange::count).sum();
        if (count > Settings.QUEUES_MAX || nodes.size() > Settings.QUEUES_MAX) {
            in.error(name, TOO_MANY);
        }
        return queues;
    }

    @Override
    Reader<QueueRange> reader() {
        final List<QueueRange> before = new ArrayList<>();
        return (entry, index) -> {
            final QueueRange range = range(entry);
            if (range != null) {
                reportOverlap(entry, range, before);
                before.add(range);
            }
            return range;
        };
    }

    private static @Nullable QueueRange range(final Section entry) {
        final QueueRange numbers = entry.get(NUMBERS);
        final Copy copy = entry.get(COPY);
        final Integer cpu = entry.get(CPU);
        final Wait waiting = entry.get(WAIT);
        final Boolean gso = entry.get(GSO);
        if (numbers == null || copy == null || cpu == null || waiting == null) {
            return null;
        }
        return entry.checked(
                NUMBERS.name(),
                () -> new QueueRange(
                        numbers.first(),
                        numbers.last(),
                        copy,
                        cpu,
                        waiting,
                        gso == null ? QueueRange.usualGso(copy) : gso));
    }

    private static void reportOverlap(final Section entry, final QueueRange range, final List<QueueRange> before) {
        for (final QueueRange other : before) {
            if (range.overlaps(other)) {
                entry.error(
                        NUMBERS.name(),
                        "queues " + range.numbers() + " overlap with " + other.numbers()
                                + " above; each number can be bound once");
                return;
            }
        }
    }
}
