package org.amverdict.doctor;

import java.util.List;
import java.util.OptionalInt;
import org.amverdict.config.EngineConfiguration;
import org.amverdict.config.QueueRange;
import org.amverdict.config.Settings;
import org.amverdict.host.Host;
import org.amverdict.nfqueue.Capabilities;

/** The kernel grants the receive buffer that a queue of the configured length needs. */
final class ReceiveBufferCheck implements SettingsCheck {
    private static final String LIMIT = "/proc/sys/net/core/rmem_max";
    private static final int MEGABYTE = 1 << 20;

    @Override
    public String name() {
        return "receive-buffer";
    }

    @Override
    public List<Finding> run(final Host host, final Examination examination, final Settings settings) {
        int wanted = 0;
        for (final QueueRange range : settings.queues()) {
            wanted = Math.max(wanted, wanted(settings, range));
        }
        final OptionalInt granted = host.receiveBuffer(wanted);
        final String limit = host.read(LIMIT).orEmpty().strip();
        if (granted.isEmpty()) {
            return List.of(Finding.unknown("no netlink socket could be opened to ask for a buffer", "amverdict run"));
        }
        // The kernel reports twice the requested size.
        if (granted.getAsInt() / 2 >= wanted) {
            return List.of(Finding.ok(megabytes(wanted) + " for each queue of " + settings.queueLength() + " packets"));
        }
        final String short0 = "a queue of " + settings.queueLength() + " packets needs " + megabytes(wanted) + ", "
                + granted.getAsInt() / 2 + " bytes are granted (net.core.rmem_max " + limit + ")";
        if (!Capabilities.hasNetAdmin(host.read("/proc/self/status").orEmpty())) {
            return List.of(Finding.unknown(short0 + " without CAP_NET_ADMIN", Remedies.AS_ROOT));
        }
        return List.of(Finding.warning(
                short0 + ": a burst is lost before the queue is full", "sysctl -w net.core.rmem_max=" + wanted));
    }

    /** The size that the workers request. */
    static int wanted(final Settings settings, final QueueRange range) {
        return EngineConfiguration.queueSettings(settings, range, range.first()).receiveBufferBytes();
    }

    private static String megabytes(final int bytes) {
        return bytes >= MEGABYTE ? bytes / MEGABYTE + " MiB" : bytes + " bytes";
    }
}
