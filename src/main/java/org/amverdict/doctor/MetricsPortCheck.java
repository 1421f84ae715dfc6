package org.amverdict.doctor;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.amverdict.config.ListenAddress;
import org.amverdict.config.Settings;
import org.amverdict.host.Host;
import org.amverdict.host.LocalAddresses;
import org.amverdict.host.SocketOwner;
import org.amverdict.packet.IpAddress;
import org.jspecify.annotations.Nullable;

/** The address of the metrics is free, or our own daemon's. */
final class MetricsPortCheck implements SettingsCheck {
    private static final String LISTENING = "0A";
    private static final int HEXADECIMAL = 16;
    private static final int WORD_DIGITS = 8;
    private static final int INODE_FIELD = 9;
    private static final IpAddress ANY = new IpAddress(0, 0);
    private static final IpAddress ANY_IPV4 = IpAddress.ofIpv4(0);

    @Override
    public String name() {
        return "metrics-port";
    }

    @Override
    public List<Finding> run(final Host host, final Examination examination, final Settings settings) {
        final ListenAddress listen = settings.metrics().listen();
        if (listen == null) {
            return List.of(Finding.ok("metrics are off"));
        }
        final IpAddress address = IpAddress.parse(listen.address());
        if (address != null && !isOfThisHost(host, listen, address)) {
            return List.of(Finding.fault(
                    "metrics.listen: " + listen.address() + " is not an address of this host", "ip -brief address"));
        }
        final String inode = listener(host, listen, address);
        if (inode == null) {
            return List.of(Finding.ok(listen + " is free"));
        }
        final Optional<SocketOwner> owner = SocketOwner.ofSocket(host, inode);
        if (owner.isPresent() && owner.get().ours()) {
            return List.of(Finding.ok(listen + " is served by " + owner.get()));
        }
        return List.of(owner.map(process -> Finding.fault(
                        "metrics.listen: " + listen + " belongs to " + process + ", so the daemon cannot start",
                        "change metrics.listen in " + examination.file() + ", or stop process " + process.pid()))
                .orElseGet(() -> Finding.unknown(
                        "something listens on " + listen + "; only root sees whether it is the daemon",
                        Remedies.AS_ROOT)));
    }

    private static boolean isOfThisHost(final Host host, final ListenAddress listen, final IpAddress address) {
        return listen.isLoopback() || isAny(address) || LocalAddresses.of(host).contains(address);
    }

    private static boolean isAny(final IpAddress address) {
        return address.equals(ANY) || address.equals(ANY_IPV4);
    }

    /** Inode of the conflicting socket: on the same address, or either one is bound to all addresses. */
    private static @Nullable String listener(
            final Host host, final ListenAddress listen, final @Nullable IpAddress wanted) {
        for (final String file : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
            for (final String line : host.read(file).orEmpty().lines().skip(1).toList()) {
                final String[] fields = line.strip().split(" +", -1);
                if (fields.length <= INODE_FIELD
                        || !fields[3].toUpperCase(Locale.ROOT).equals(LISTENING)) {
                    continue;
                }
                final String[] socket = fields[1].split(":", -1);
                final IpAddress bound = address(socket[0]);
                if (Integer.parseInt(socket[1], HEXADECIMAL) == listen.port()
                        && (wanted == null || isAny(bound) || isAny(wanted) || bound.equals(wanted))) {
                    return fields[INODE_FIELD];
                }
            }
        }
        return null;
    }

    /** Words of 32 bits in the machine's order, which is little-endian; one for IPv4, four for IPv6. */
    private static IpAddress address(final String digits) {
        final long[] words = new long[digits.length() / WORD_DIGITS];
        for (int i = 0; i < words.length; i++) {
            final int word =
                    Integer.parseUnsignedInt(digits.substring(i * WORD_DIGITS, (i + 1) * WORD_DIGITS), HEXADECIMAL);
            words[i] = Integer.toUnsignedLong(Integer.reverseBytes(word));
        }
        return words.length == 4
                ? new IpAddress((words[0] << 32) | words[1], (words[2] << 32) | words[3])
                : IpAddress.ofIpv4((int) words[0]);
    }
}
