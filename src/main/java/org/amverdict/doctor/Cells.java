package org.amverdict.doctor;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.amverdict.firewall.BaseChain;
import org.amverdict.firewall.Firewall;
import org.amverdict.firewall.Rule;
import org.amverdict.host.LocalAddresses;
import org.amverdict.host.Routes;
import org.amverdict.packet.IpAddress;
import org.amverdict.policy.HostPrefix;
import org.amverdict.policy.HostSet;
import org.amverdict.policy.PortSet;
import org.jspecify.annotations.Nullable;

/**
 * Where rules, routes and this host's own addresses cut the configured ranges: within one cell every address, or port, is
 * treated alike, so one of each cell stands for all. Immutable.
 */
final class Cells {
    /** Most cells of one set of hosts, and of one set of ports. */
    static final int HOSTS_MAX = 1024;

    static final int PORTS_MAX = 64;

    /** More numbers in the rules than this are not looked at. */
    private static final int CUTS_MAX = 1_000_000;

    private static final int LOOPBACK = 127;
    private static final int MULTICAST = 224;

    private static final Pattern ADDRESS = Pattern.compile(
            "(?<![\\w.:])([0-9]{1,3}(?:\\.[0-9]{1,3}){3}|[0-9a-fA-F]{0,4}(?::[0-9a-fA-F.]*){2,9})(?:/([0-9]{1,3}))?");
    private static final Pattern NUMBER = Pattern.compile("(?<![\\w.:/])([0-9]{1,5})(?![\\w./])");
    private static final BigInteger WORD = BigInteger.ONE.shiftLeft(Long.SIZE);

    private final NavigableSet<BigInteger> hosts = new TreeSet<>();
    private final NavigableSet<Integer> ports = new TreeSet<>();

    private Cells() {}

    static Cells of(final Firewall firewall, final Routes routes, final LocalAddresses local) {
        final Cells cells = new Cells();
        local.all().stream().map(HostPrefix::of).forEach(cells::cut);
        routes.destinations().forEach(cells::cut);
        for (final BaseChain chain : firewall.chains()) {
            for (final List<Rule> rules : chain.chains().values()) {
                for (final Rule rule : rules) {
                    cells.cut(rule.text());
                }
            }
        }
        return cells;
    }

    /** Every address and port in it, whatever the rule does with it: a cut too many does no harm. */
    private void cut(final String text) {
        if (hosts.size() + ports.size() > CUTS_MAX) {
            return;
        }
        addresses(text).forEach(this::cut);
        final Matcher numbers = NUMBER.matcher(text);
        while (numbers.find()) {
            final int port = Integer.parseInt(numbers.group(1));
            ports.add(port);
            ports.add(port + 1);
        }
    }

    /** Every address and prefix in a rule, whatever they mean there. */
    static List<HostPrefix> addresses(final String text) {
        final List<HostPrefix> found = new ArrayList<>();
        final Matcher addresses = ADDRESS.matcher(text);
        while (addresses.find()) {
            final IpAddress address = IpAddress.parse(addresses.group(1));
            if (address != null) {
                found.add(prefix(address, addresses.group(2)));
            }
        }
        return found;
    }

    /** A prefix of a rule may have bits behind its length. */
    private static HostPrefix prefix(final IpAddress address, final @Nullable String length) {
        final int family = address.isIpv4() ? Integer.SIZE : 2 * Long.SIZE;
        final int bits = length == null ? family : Math.min(family, Integer.parseInt(length));
        final BigInteger rest = BigInteger.ONE.shiftLeft(family - bits).subtract(BigInteger.ONE);
        final HostPrefix first = prefix(number(address).andNot(rest));
        return new HostPrefix(first.high(), first.low(), 2 * Long.SIZE - family + bits);
    }

    private void cut(final HostPrefix prefix) {
        hosts.add(number(prefix.address()));
        hosts.add(last(prefix).add(BigInteger.ONE));
    }

    /** One address of each cell of these hosts; at most {@link #HOSTS_MAX}. */
    List<HostPrefix> of(final HostSet set, final boolean ipv4) {
        final List<HostPrefix> found = new ArrayList<>();
        for (final HostPrefix prefix : set.prefixes()) {
            if (prefix.isIpv4() == ipv4) {
                add(prefix, found);
            }
        }
        return found;
    }

    private void add(final HostPrefix prefix, final List<HostPrefix> found) {
        final BigInteger last = last(prefix);
        BigInteger first = number(prefix.address());
        final boolean network = !last.subtract(first).equals(BigInteger.ZERO)
                && !last.subtract(first).equals(BigInteger.ONE);
        final BigInteger unusedFirst = network ? first : BigInteger.ONE.negate();
        final BigInteger unusedLast = network && prefix.isIpv4() ? last : BigInteger.ONE.negate();
        while (first != null && first.compareTo(last) <= 0 && found.size() < HOSTS_MAX) {
            final BigInteger next = hosts.higher(first);
            // The first address of a network is its own, and the last one of IPv4 goes to all its hosts.
            BigInteger one = first;
            if (one.equals(unusedFirst)) {
                one = one.add(BigInteger.ONE);
            }
            final boolean inCell = next == null || one.compareTo(next) < 0;
            if (inCell && !one.equals(unusedLast) && isHost(prefix(one))) {
                found.add(prefix(one));
            }
            first = next;
        }
    }

    /** Whether another host can have this address: not loopback, "this network", multicast or reserved. */
    private static boolean isHost(final HostPrefix one) {
        if (one.isIpv4()) {
            final int network = (int) (one.low() >>> 24) & 0xff;
            return network != 0 && network != LOOPBACK && network < MULTICAST;
        }
        return one.high() >>> 56 != 0xff && (one.high() != 0 || Long.compareUnsigned(one.low(), 1) > 0);
    }

    /** One port of each cell of these ports, and the first and last of each range; at most {@link #PORTS_MAX}. */
    List<Integer> of(final PortSet set) {
        final TreeSet<Integer> found = new TreeSet<>();
        for (int i = 0; i < set.rangeCount() && found.size() < PORTS_MAX; i++) {
            found.add(set.first(i));
            found.add(set.last(i));
            ports.subSet(set.first(i), set.last(i) + 1).stream()
                    .limit(PORTS_MAX)
                    .forEach(found::add);
        }
        return List.copyOf(found);
    }

    private static BigInteger number(final IpAddress address) {
        return unsigned(address.high()).shiftLeft(Long.SIZE).add(unsigned(address.low()));
    }

    private static BigInteger last(final HostPrefix prefix) {
        return number(new IpAddress(prefix.lastHigh(), prefix.lastLow()));
    }

    private static BigInteger unsigned(final long word) {
        final BigInteger signed = BigInteger.valueOf(word);
        return signed.signum() < 0 ? signed.add(WORD) : signed;
    }

    private static HostPrefix prefix(final BigInteger number) {
        return HostPrefix.of(new IpAddress(number.shiftRight(Long.SIZE).longValue(), number.longValue()));
    }
}
