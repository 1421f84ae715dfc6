package org.amverdict.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.amverdict.amanda.Service;
import org.amverdict.json.JsonLine;
import org.amverdict.policy.HostPrefix;
import org.amverdict.policy.HostSet;
import org.amverdict.policy.PortSet;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** A set: a list of texts, or one text. Immutable. */
abstract class Texts<T> extends Kind<T> {
    /** Most addresses of all lines together; aliases can repeat a list. */
    private static final int ADDRESSES_MAX = 1 << 18;

    private static final List<String> SERVICES =
            Arrays.stream(Service.values()).map(Service::label).toList();

    private final String form;

    private Texts(final String form) {
        this.form = form;
    }

    /** The set of all the texts; null if one is invalid, which was reported. */
    abstract @Nullable T read(Section in, String name, List<ScalarNode> texts);

    @Override
    @Nullable T read(final Section in, final String name) {
        final List<ScalarNode> texts = in.texts(name);
        return texts == null ? null : read(in, name, texts);
    }

    @Override
    String form() {
        return form;
    }

    @Override
    String write(final T value) {
        return "[" + show(value) + "]";
    }

    /** Ports and ranges. */
    static Kind<PortSet> ports() {
        return ports(false);
    }

    /** Ports and ranges, of which two single ports would hardly be enough. */
    static Kind<PortSet> manyPorts() {
        return ports(true);
    }

    private static Kind<PortSet> ports(final boolean many) {
        return new Texts<>("ports") {
            @Override
            @Nullable PortSet read(final Section in, final String name, final List<ScalarNode> texts) {
                final List<PortSet> sets = in.each(texts, PortSet::parse);
                final PortSet all = sets == null ? null : in.checked(name, () -> PortSet.union(sets));
                if (sets != null && all != null) {
                    final boolean pair = many && sets.size() == 2 && warnOfNotation(in, texts.get(0), all);
                    for (int i = 0; !pair && i < sets.size(); i++) {
                        warnOfNotation(in, texts.get(i), sets.get(i));
                    }
                }
                return all;
            }

            @Override
            String show(final PortSet value) {
                return value.toString().replace(",", ", ");
            }

            @Override
            void describe(final JsonLine schema) {
                schema.add("type", List.of("integer", "string", "array")).openObject("items");
                schema.add("type", List.of("integer", "string")).closeObject();
            }
        };
    }

    private static boolean warnOfNotation(final Section in, final ScalarNode at, final PortSet ports) {
        final PortSet range = ports.rangeInAmandasNotation();
        if (range != null) {
            in.problems()
                    .warn(at, "'" + ports + "' is two ports; Amanda writes a range like this, here it is " + range);
        }
        return range != null;
    }

    /** Addresses and prefixes. */
    static Kind<HostSet> hosts() {
        return new Texts<>("addresses") {
            @Override
            @Nullable HostSet read(final Section in, final String name, final List<ScalarNode> texts) {
                if (in.problems().countAddresses(texts.size()) > ADDRESSES_MAX) {
                    in.error(name, "more than " + ADDRESSES_MAX + " addresses in all lines together; write prefixes");
                    return null;
                }
                final List<HostPrefix> prefixes = in.each(texts, HostPrefix::parse);
                try {
                    return prefixes == null ? null : HostSet.of(prefixes);
                } catch (final IllegalArgumentException e) {
                    in.error(name, "'" + in.pathOf(name) + "': " + e.getMessage());
                    return null;
                }
            }

            @Override
            String show(final HostSet value) {
                return value.prefixes().stream()
                        .map(prefix -> Kinds.quoted(prefix.toString()))
                        .collect(Collectors.joining(", "));
            }

            @Override
            void describe(final JsonLine schema) {
                schema.add("type", List.of("string", "array")).openObject("items");
                schema.add("type", "string").closeObject();
            }
        };
    }

    /** Services, as a set of {@link Service#bit()}. */
    static Kind<Integer> services() {
        return new Texts<>("list") {
            @Override
            @Nullable Integer read(final Section in, final String name, final List<ScalarNode> texts) {
                int bits = 0;
                for (final ScalarNode text : texts) {
                    final Service service = Service.ofLabel(text.getValue());
                    if (service == null) {
                        in.problems()
                                .error(
                                        text,
                                        "unknown service '" + text.getValue() + "'; "
                                                + Suggestion.of(text.getValue(), SERVICES));
                    } else if ((bits & service.bit()) != 0) {
                        in.problems().error(text, "service '" + service.label() + "' is given twice; keep one");
                    } else {
                        bits |= service.bit();
                    }
                }
                return bits == 0 && !texts.isEmpty() ? null : bits;
            }

            @Override
            String show(final Integer bits) {
                final List<String> labels = new ArrayList<>();
                for (final Service service : Service.values()) {
                    if ((bits & service.bit()) != 0) {
                        labels.add(service.label());
                    }
                }
                return String.join(", ", labels);
            }

            @Override
            void describe(final JsonLine schema) {
                schema.add("type", List.of("string", "array")).openObject("items");
                schema.add("enum", SERVICES).closeObject();
            }
        };
    }

    /** The names of all services. */
    static String serviceNames() {
        return String.join(", ", SERVICES);
    }
}
