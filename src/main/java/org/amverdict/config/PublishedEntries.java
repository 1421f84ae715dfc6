package org.amverdict.config;

import static org.amverdict.config.SettingsKey.Absent.isMissed;
import static org.amverdict.config.SettingsKey.Absent.means;
import static org.amverdict.config.SettingsKey.part;

import java.util.List;
import org.amverdict.packet.IpAddress;
import org.amverdict.policy.Policy;
import org.amverdict.policy.PortSet;
import org.amverdict.policy.PublishedHost;

/** The entries of {@code published}. Immutable. */
final class PublishedEntries extends Entries<PublishedHost> {
    private static final SettingsKey<IpAddress> PUBLIC =
            part("published.public", Kinds.address(), isMissed("203.0.113.5"), "The address that requesters ask.");
    private static final SettingsKey<Integer> CONTROL_PORT = part(
            "published.control-port",
            Kinds.number(1, PortSet.PORT_MAX),
            means(Policy.DEFAULT_CONTROL_PORTS.first(0)),
            "The control port at that address.");
    private static final SettingsKey<IpAddress> HOST =
            part("published.host", Kinds.address(), isMissed("10.0.0.7"), "The host behind it.");

    PublishedEntries() {
        super(
                true,
                List.of(
                        new Part<>(PUBLIC, PublishedHost::publicAddress),
                        new Part<>(CONTROL_PORT, PublishedHost::controlPort),
                        new Part<>(HOST, PublishedHost::host)));
    }

    @Override
    Reader<PublishedHost> reader() {
        return (entry, index) -> {
            final IpAddress publicAddress = entry.get(PUBLIC);
            final IpAddress host = entry.get(HOST);
            final Integer controlPort = entry.get(CONTROL_PORT);
            return publicAddress == null || host == null || controlPort == null
                    ? null
                    : entry.checked(HOST.name(), () -> new PublishedHost(publicAddress, controlPort, host));
        };
    }
}
