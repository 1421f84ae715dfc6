package org.amverdict.init;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.amverdict.config.ConfigurationProblem;
import org.amverdict.config.ConfigurationProblem.Severity;
import org.amverdict.packet.IpAddress;

/**
 * The names next to the addresses of a configuration: {@code - 198.51.100.7 # client.example}. A comment counts as a name
 * if it is one word that could be one, on a line that has addresses. Immutable.
 */
public final class NamedAddresses {
    private static final Pattern NAMED =
            Pattern.compile("([^#]*)#\\s*((?=[^\\s]*[A-Za-z])[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?)\\s*");

    private static final Pattern SEPARATORS = Pattern.compile("[\\s,\\[\\]{}\"']+");

    private record Place(int line, int column, String source, IpAddress address) {}

    private final String file;
    private final Map<String, List<Place>> places;

    private NamedAddresses(final String file, final Map<String, List<Place>> places) {
        this.file = file;
        this.places = places;
    }

    /** Those in the text of a file; the name of the file is for messages. */
    public static NamedAddresses in(final String text, final String file) {
        final Map<String, List<Place>> places = new LinkedHashMap<>();
        final List<String> lines = text.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            final String line = lines.get(i);
            final Matcher named = NAMED.matcher(line);
            if (!named.matches() || IpAddress.parse(named.group(2)) != null) {
                continue;
            }
            for (final String word : SEPARATORS.split(named.group(1), -1)) {
                final IpAddress address = IpAddress.parse(word);
                if (address != null) {
                    places.computeIfAbsent(named.group(2), name -> new ArrayList<>())
                            .add(new Place(i + 1, line.indexOf(word) + 1, line, address));
                }
            }
        }
        return new NamedAddresses(file, places);
    }

    /** The names, in the order of the file. */
    public Set<String> names() {
        return new LinkedHashSet<>(places.keySet());
    }

    /**
     * What is not as the file has it: a name that is not found, one that has left an address, one that has another
     * address as well.
     *
     * @param now the addresses of a name
     */
    public List<ConfigurationProblem> moved(final Function<String, List<IpAddress>> now) {
        final List<ConfigurationProblem> moved = new ArrayList<>();
        places.forEach((name, known) -> compare(name, known, now.apply(name), moved));
        return moved;
    }

    private void compare(
            final String name,
            final List<Place> known,
            final List<IpAddress> now,
            final List<ConfigurationProblem> moved) {
        if (now.isEmpty()) {
            moved.add(problem(
                    known.get(0), "no address is found for '" + name + "'; the one written here stays in force"));
            return;
        }
        final Set<IpAddress> written = known.stream().map(Place::address).collect(Collectors.toSet());
        final String others =
                texts(now.stream().filter(address -> !written.contains(address)).toList());
        boolean left = false;
        for (final Place place : known) {
            if (!now.contains(place.address())) {
                left = true;
                moved.add(problem(
                        place,
                        "'" + name + "' no longer has " + place.address()
                                + (others.isEmpty() ? "; take it out" : ", but " + others + "; write that")
                                + ", then amverdict reload and amverdict rules"));
            }
        }
        if (!left && !others.isEmpty()) {
            moved.add(problem(known.get(0), "'" + name + "' also has " + others + ", which is not written here"));
        }
    }

    private static String texts(final List<IpAddress> addresses) {
        return String.join(
                ", ",
                addresses.stream()
                        .filter(address -> !Drafting.isLoopback(address))
                        .map(IpAddress::toString)
                        .collect(Collectors.toCollection(TreeSet::new)));
    }

    private ConfigurationProblem problem(final Place at, final String message) {
        return new ConfigurationProblem(Severity.WARNING, file, at.line(), at.column(), at.source(), message);
    }
}
