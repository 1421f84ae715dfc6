package org.amverdict.host;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.amverdict.json.JsonReader;
import org.jspecify.annotations.Nullable;

/**
 * The bridges of this host and whether iptables and nft see what crosses them, from {@code ip -j -d link show} (ip-link(8))
 * and the settings of br_netfilter. Immutable.
 */
public final class Bridges {
    private static final String SETTINGS = "/proc/sys/net/bridge/bridge-nf-call-";
    private static final int LINKS_MAX = 100_000;

    private final Map<String, Bridge> bridges;
    private final boolean known;

    private Bridges(final Map<String, Bridge> bridges, final boolean known) {
        this.bridges = Map.copyOf(bridges);
        this.known = known;
    }

    /**
     * One bridge.
     *
     * @param name its interface
     * @param ports its ports
     * @param ipv4Seen whether rules of iptables and nft see the IPv4 packets that cross it
     * @param ipv6Seen the same for IPv6
     */
    public record Bridge(String name, List<String> ports, boolean ipv4Seen, boolean ipv6Seen) {
        public Bridge {
            ports = List.copyOf(ports);
        }

        public boolean sees(final boolean ipv4) {
            return ipv4 ? ipv4Seen : ipv6Seen;
        }

        /** Whether packets of others can cross it. */
        public boolean joins() {
            return ports.size() > 1;
        }
    }

    public static Bridges of(final Host host) {
        final Host.Text text = host.run("iproute2", "ip", "-j", "-d", "link", "show");
        final List<Map<?, ?>> links = new ArrayList<>();
        try {
            if (text.ok() && JsonReader.object("{\"all\":" + text.text() + "}").get("all") instanceof List<?> all) {
                all.stream().limit(LINKS_MAX).forEach(link -> {
                    if (link instanceof Map<?, ?> map) {
                        links.add(map);
                    }
                });
            }
        } catch (final IllegalArgumentException e) {
            return new Bridges(Map.of(), false);
        }
        final Map<String, Bridge> found = new LinkedHashMap<>();
        for (final Map<?, ?> link : links) {
            final Map<?, ?> info = link.get("linkinfo") instanceof Map<?, ?> map ? map : Map.of();
            if ("bridge".equals(info.get("info_kind"))) {
                final String name = String.valueOf(link.get("ifname"));
                final Map<?, ?> data = info.get("info_data") instanceof Map<?, ?> map ? map : Map.of();
                final List<String> ports = links.stream()
                        .filter(port -> name.equals(port.get("master")))
                        .map(port -> String.valueOf(port.get("ifname")))
                        .toList();
                found.put(
                        name,
                        new Bridge(
                                name,
                                ports,
                                isOn(host, "iptables", data.get("nf_call_iptables")),
                                isOn(host, "ip6tables", data.get("nf_call_ip6tables"))));
            }
        }
        return new Bridges(found, text.ok());
    }

    /** Either the setting of all bridges or the bridge's own is enough. */
    private static boolean isOn(final Host host, final String tool, final @Nullable Object own) {
        return Integer.valueOf(1).equals(own)
                || host.read(SETTINGS + tool).orEmpty().strip().equals("1");
    }

    /** Whether the links could be read. */
    public boolean known() {
        return known;
    }

    /** The bridge of this name. */
    public Optional<Bridge> named(final String device) {
        return Optional.ofNullable(bridges.get(device));
    }

    /** All bridges with two ports or more, by name. */
    public List<Bridge> joining() {
        return bridges.values().stream()
                .filter(Bridge::joins)
                .sorted((a, b) -> a.name().compareTo(b.name()))
                .toList();
    }
}
