package org.amverdict.config;

import java.util.List;
import java.util.stream.Collectors;
import org.amverdict.amanda.Service;
import org.amverdict.config.Settings.Marks;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.HostPrefix;
import org.amverdict.policy.HostSet;
import org.amverdict.policy.PortSet;
import org.amverdict.policy.PublishedHost;
import org.amverdict.policy.StaticRange;
import org.jspecify.annotations.Nullable;

/** Settings as YAML that {@link SettingsLoader} reads back to the same. */
final class SettingsWriter {
    private SettingsWriter() {}

    static String write(final Settings settings) {
        return String.format(
                """
            mode: %s
            queues:
            %squeue-length: %d
            overload: %s

            control-ports: %s
            requester-ports: %s
            allow:%s
            static:%s
            published:%s
            published-mask: 0x%x
            match-interfaces: %s

            expectations: {lifetime: %s, per-reply: %d, capacity: %d, per-requester: %d}
            transactions: {reply-within: %s, capacity: %d, per-requester: %d}
            flows: {capacity: %d, idle: %s, adopt: %s}
            refused-reply: %s
            marks: {%s}

            log: {level: %s, format: %s}
            events: {file: %s}
            metrics: {listen: %s}
            control: {socket: %s}
            state: {file: %s}
            """,
                settings.mode().label(),
                queues(settings.queues()),
                settings.queueLength(),
                settings.overload().label(),
                ports(settings.controlPorts()),
                ports(settings.requesterPorts()),
                settings.allow().isEmpty() ? " []" : allow(settings.allow()),
                settings.statics().isEmpty() ? " []" : statics(settings.statics()),
                settings.published().entries().isEmpty()
                        ? " []"
                        : published(settings.published().entries()),
                settings.published().mask(),
                settings.matchInterfaces(),
                Durations.format(settings.expectations().lifetimeNs()),
                settings.expectations().perReply(),
                settings.expectations().capacity(),
                settings.expectations().perRequester(),
                Durations.format(settings.transactions().replyWithinNs()),
                settings.transactions().capacity(),
                settings.transactions().perRequester(),
                settings.flows().capacity(),
                Durations.format(settings.flows().idleNs()),
                settings.flows().adopt(),
                settings.refusedReply().label(),
                marks(settings.marks()),
                settings.log().level().label(),
                settings.log().format().label(),
                orOff(settings.events().file()),
                orOff(settings.metrics().listen()),
                orOff(settings.control().socket()),
                orOff(settings.state().file()));
    }

    private static String queues(final List<QueueRange> queues) {
        final StringBuilder text = new StringBuilder();
        for (final QueueRange queue : queues) {
            text.append("  - {numbers: ").append(queue.numbers());
            text.append(", copy: ").append(queue.copy().label());
            text.append(queue.cpu() == QueueRange.ANY_CPU ? "" : ", cpu: " + queue.cpu());
            text.append(", wait: ").append(queue.waiting().label());
            text.append(queue.gso() == QueueRange.usualGso(queue.copy()) ? "" : ", gso: " + queue.gso())
                    .append("}\n");
        }
        return text.toString();
    }

    private static String allow(final List<Allowance> lines) {
        final StringBuilder text = new StringBuilder();
        for (final Allowance line : lines) {
            text.append("\n  - name: ").append(quoted(line.name()));
            text.append("\n    requesters: ").append(hosts(line.requesters()));
            text.append("\n    responders: ").append(hosts(line.responders()));
            text.append("\n    services: ").append(services(line));
            text.append("\n    stream-ports: ").append(ports(line.streamPorts()));
            text.append("\n    legacy-recovery: ").append(line.legacyRecovery());
        }
        return text.toString();
    }

    private static String services(final Allowance line) {
        final StringBuilder text = new StringBuilder();
        for (final Service service : Service.values()) {
            if (line.has(service)) {
                text.append(text.length() == 0 ? "" : ", ").append(service.label());
            }
        }
        return "[" + text + "]";
    }

    private static String statics(final List<StaticRange> lines) {
        final StringBuilder text = new StringBuilder();
        for (final StaticRange line : lines) {
            text.append("\n  - from: ").append(hosts(line.from()));
            text.append("\n    to: ").append(hosts(line.to()));
            text.append("\n    tcp: ").append(ports(line.tcp()));
        }
        return text.toString();
    }

    private static String published(final List<PublishedHost> lines) {
        final StringBuilder text = new StringBuilder();
        for (final PublishedHost line : lines) {
            text.append("\n  - {public: ").append(quoted(line.publicAddress().toString()));
            text.append(", control-port: ").append(line.controlPort());
            text.append(", host: ").append(quoted(line.host().toString())).append('}');
        }
        return text.toString();
    }

    private static String hosts(final HostSet hosts) {
        return hosts.prefixes().stream()
                .map(HostPrefix::toString)
                .map(SettingsWriter::quoted)
                .collect(Collectors.joining(", ", "[", "]"));
    }

    private static String ports(final PortSet ports) {
        return "[" + ports.toString().replace(",", ", ") + "]";
    }

    private static String marks(final Marks marks) {
        final String[] names = {"data", "mesg", "index", "state", "ctl", "cmd", "control", "mask"};
        final long[] values = {
            marks.data(),
            marks.mesg(),
            marks.index(),
            marks.state(),
            marks.ctl(),
            marks.cmd(),
            marks.control(),
            marks.mask()
        };
        final StringBuilder text = new StringBuilder();
        for (int i = 0; i < names.length; i++) {
            if (values[i] != Marks.NONE) {
                text.append(text.length() == 0 ? "" : ", ").append(names[i]);
                text.append(": 0x").append(Long.toHexString(values[i]));
            }
        }
        return text.toString();
    }

    private static String orOff(final @Nullable Object value) {
        return value == null ? "off" : quoted(value.toString());
    }

    private static String quoted(final String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
