package org.amverdict.architecture;

import static java.util.Map.entry;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.PrimitiveTypeTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.TreeScanner;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import javax.lang.model.element.Modifier;
import org.junit.jupiter.api.Test;

/**
 * No method, constructor or record of main code has more than six parameters, and none that another class can call has two
 * neighbors of one primitive type that the caller could swap without the compiler's notice. Exceptions name a class, or one
 * method, record or constructor of it: {@code FlowTable.open}, {@code FlowTable.constructor}.
 */
final class ParameterListTest {
    private static final int PARAMETERS_MAX = 6;

    private static final String COLUMNS = "the columns of the kernel's file, in its order; read by name";
    private static final String FIELDS = "the fields of the JSON, in its order; made in one place, read by name";

    private static final Exceptions LONG =
            new Exceptions(Map.of("KernelQueues.KernelQueue", COLUMNS, "RecentDrop", FIELDS, "Session", FIELDS), "");

    /** Pairs that have one order only: nobody writes them the other way round. Names of the first and the second. */
    private static final List<Pattern> ORDERED = List.of(
            // A range, or two moments: the earlier comes first.
            Pattern.compile(
                    "from, to|start, end|least, most|older, newer|min(\\w*), max\\1|first(\\w*), last\\2|opened(\\w*), last\\3"),
            // The two halves of one address, as its bytes come.
            Pattern.compile("(\\w*)[hH]igh, \\1[lL]ow"),
            // A piece of a buffer, as java.io and Netty name one.
            Pattern.compile("(at|offset|datagram|\\w*Offset), \\w*([lL]ength|[aA]vailable|[pP]resent)"),
            // What a capture holds of a packet, then what the wire had.
            Pattern.compile("(captured|length|available), original(Length)?"),
            // Which one, then what about it.
            Pattern.compile("(slot|fd|queue|meta|at), \\w+"),
            // What happens, then when: the moment comes last.
            Pattern.compile("\\w+, nowNanos"),
            // Who begins, then who answers; where it comes in, then where it goes out.
            Pattern.compile(
                    "requester(\\w*), responder\\1|source(\\w*), destination\\2|original(\\w*), reply\\3|address, port"),
            // IPv4 comes first everywhere.
            Pattern.compile("ipv4(\\w*), ipv6\\1"),
            // As the configuration lists them.
            Pattern.compile("capacity, perRequester|transactions, expectations|expectations, flows"),
            Pattern.compile(
                    "line, column|columns, rows|(value|mark), mask|shift, mask|typeAt, payloadAt|\\w*([aA]t|[oO]ffset), \\w*[eE]nd"));

    private static final String DECODER =
            "each packet: bytes that are here, then bytes that there are; every length in the wrong place fails a test";

    private static final String C = "the prototypes of C";
    private static final String STRUCT = "the fields of the kernel's struct, in its order";
    private static final String OPTIONS = "made in one place from the options of one command; read by name";

    private static final Exceptions SWAPPABLE = new Exceptions(
            Map.ofEntries(
                    entry("LibC", C),
                    entry("LibNetfilterQueue", C),
                    entry("SocketCalls", C),
                    entry("NetlinkHeader", STRUCT),
                    entry("ConfigWriter.mode", STRUCT),
                    entry("VerdictWriter", "the packet, then what becomes of it"),
                    entry("PacketView.decode", DECODER),
                    entry("I*View.wrap", DECODER),
                    entry("TcpView.wrap", DECODER),
                    entry("UdpView.wrap", DECODER),
                    entry("QueuedPacketView.wrapTruncated", DECODER),
                    entry("KernelQueues.KernelQueue", COLUMNS),
                    entry("KernelQueueReader.KernelQueue", COLUMNS),
                    entry("MachineLoad", COLUMNS),
                    entry("Session", FIELDS),
                    entry("Dumps", FIELDS),
                    entry("ReloadOutcome.Revoked", FIELDS),
                    entry("Past", FIELDS),
                    entry("Host.Storage", "made in one place, read by name"),
                    entry("StreamCounts", "both ways, packets before bytes, as the kernel reports them"),
                    entry("BenchOptions.*", OPTIONS),
                    entry("Line", "what else was seen of a suggested line; read by name"),
                    entry("Cores", OPTIONS),
                    entry("Moment", "three clocks, read together in one place"),
                    entry("CaptureFormat.frame", "one reader for each format gives them, one class takes them"),
                    entry(
                            "Interest.wants",
                            "two addresses and a port, as the kernel's message has them; no object is made"),
                    entry("SlotTable.constructor", "a record as it lies in memory, key first; a swap fails every test"),
                    entry("SlotHints.with", "either order gives the same"),
                    entry("TcpState.merged", "what this worker found, then what another one did"),
                    entry("Durations", "what a file says, then what it is measured with"),
                    entry("OpenFailure.hint", "one caller; a test has each combination"),
                    entry("QueueSettings.receiveBufferFor", "how many, then how large"),
                    entry("ReceiveBatch.constructor", "how many, then how large"),
                    entry("SessionRecord.stream", "the listener's, then the connector's"),
                    entry("Streams", "the port, then how long, as java.net.Socket has them"),
                    entry("PacketWriter", "for warm-ups and tests: each packet is read back"),
                    entry("SyntheticExchange.write", "as PacketWriter"),
                    entry("TcpTraffic", "for the benchmark, with named constants in all four places")),
            "");

    /** One list of parameters or components. */
    private record Declared(String className, String name, List<? extends VariableTree> parameters, boolean isPrivate) {
        String types() {
            final StringBuilder text =
                    new StringBuilder(className).append('.').append(name).append(" (");
            for (final VariableTree parameter : parameters) {
                text.append(text.charAt(text.length() - 1) == '(' ? "" : ", ")
                        .append(parameter.getType())
                        .append(' ')
                        .append(parameter.getName());
            }
            return text.append(')').toString();
        }

        List<String> swappable() {
            final List<String> pairs = new ArrayList<>();
            for (int i = 1; i < parameters.size() && !isPrivate; i++) {
                final VariableTree first = parameters.get(i - 1);
                final VariableTree second = parameters.get(i);
                final String names = first.getName() + ", " + second.getName();
                if (first.getType() instanceof PrimitiveTypeTree
                        && first.getType().toString().equals(second.getType().toString())
                        && ORDERED.stream()
                                .noneMatch(pair -> pair.matcher(names).matches())) {
                    pairs.add(className + "." + name + " " + first.getType() + " " + names);
                }
            }
            return pairs;
        }
    }

    private static List<Declared> declared() {
        final List<Declared> found = new ArrayList<>();
        for (final MainSource source : MainSource.all()) {
            // What is in a private class cannot be called from another one.
            new TreeScanner<Void, Boolean>() {
                @Override
                public Void visitMethod(final MethodTree method, final Boolean hidden) {
                    final boolean isPrivate = hidden || isPrivate(method.getModifiers());
                    found.add(new Declared(source.className(), nameOf(method), method.getParameters(), isPrivate));
                    return super.visitMethod(method, hidden);
                }

                @Override
                public Void visitClass(final ClassTree type, final Boolean hidden) {
                    final boolean isPrivate = hidden || isPrivate(type.getModifiers());
                    if (type.getKind() == Tree.Kind.RECORD) {
                        found.add(new Declared(
                                source.className(), type.getSimpleName().toString(), components(type), isPrivate));
                    }
                    return super.visitClass(type, isPrivate);
                }
            }.scan(source.tree(), false);
        }
        return found;
    }

    private static boolean isPrivate(final ModifiersTree modifiers) {
        return modifiers.getFlags().contains(Modifier.PRIVATE);
    }

    private static String nameOf(final MethodTree method) {
        return method.getReturnType() == null ? "constructor" : method.getName().toString();
    }

    /** A record has no other fields of its instances. */
    private static List<VariableTree> components(final ClassTree type) {
        final List<VariableTree> components = new ArrayList<>();
        for (final Tree member : type.getMembers()) {
            if (member instanceof final VariableTree field
                    && !field.getModifiers().getFlags().contains(Modifier.STATIC)) {
                components.add(field);
            }
        }
        return components;
    }

    @Test
    void shouldTakeSixParametersAtMost() {
        final List<String> found = declared().stream()
                .filter(list -> list.parameters().size() > PARAMETERS_MAX)
                .map(Declared::types)
                .toList();

        LONG.hold("more than six: give them a noun", found);
    }

    @Test
    void shouldHaveNoNeighborsThatACallerCouldSwap() {
        final List<String> found =
                declared().stream().flatMap(list -> list.swappable().stream()).toList();

        SWAPPABLE.hold("two neighbors of one primitive type: give them a type, or another order", found);
    }

    @Test
    void shouldHaveReadTheParameters() {
        assertTrue(declared().stream().anyMatch(list -> list.types().equals("LibC.close (int fd)")), "of a method");
        assertTrue(declared().stream().noneMatch(list -> list.className().equals("MainSource")), "of main code only");
    }
}
