package org.amverdict.init;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.DatagramChannel;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.amverdict.amanda.AmandaPorts;
import org.amverdict.host.Host;
import org.amverdict.packet.IpAddress;
import org.jspecify.annotations.Nullable;

/** This host's resolver, routes and name. Stateless; any thread. */
public final class LocalNeighborhood implements Neighborhood {
    private final Host host;

    /** Reads the name of the host from there. */
    public LocalNeighborhood(final Host host) {
        this.host = host;
    }

    @Override
    public Map<String, List<IpAddress>> lookUp(final Set<String> names) throws InterruptedException {
        return Names.lookUp(names);
    }

    /** Connecting a UDP socket chooses the route and the source address, and sends nothing. */
    @Override
    public @Nullable IpAddress sourceTowards(final IpAddress address) {
        try (DatagramChannel channel = DatagramChannel.open()) {
            channel.connect(new InetSocketAddress(InetAddress.getByName(address.toString()), AmandaPorts.AMANDA));
            return channel.getLocalAddress() instanceof InetSocketAddress local ? Names.of(local.getAddress()) : null;
        } catch (final UnknownHostException e) {
            throw new IllegalStateException("an address was looked up as a name: " + address, e);
        } catch (final IOException e) {
            return null;
        }
    }

    @Override
    public String ownName() {
        return host.read("/proc/sys/kernel/hostname").orEmpty().strip();
    }
}
