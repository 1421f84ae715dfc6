package org.amverdict.architecture;

import static java.util.Map.entry;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.MethodTree;
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

    private static final Exceptions LONG = new Exceptions(Map.of(), """
            ControlSources KernelQueues LoopbackQueue PacketMessageWriter RecentDrop Session TableLimits
            VerdictMerger
            """);

    /** Pairs that have one order only: nobody writes them the other way round. Names of the first and the second. */
    private static final List<Pattern> ORDERED = List.of(
            // A range: where it begins, where it ends.
            Pattern.compile("from, to|start, end|least, most|min(\\w*), max\\1|first(\\w*), last\\2"),
            // The two halves of one address, as its bytes come.
            Pattern.compile("(\\w*)[hH]igh, \\1[lL]ow"),
            // A piece of a buffer, as java.io and Netty name one.
            Pattern.compile("(at|offset|\\w*Offset), \\w*([lL]ength|[aA]vailable|[pP]resent)"),
            // Which record of a table, then what about it.
            Pattern.compile("slot, \\w+"),
            Pattern.compile("line, column|columns, rows|value, mask|shift, mask"));

    private static final String DECODER =
            "each packet: bytes that are here, then bytes that there are; every length in the wrong place fails a test";

    private static final Exceptions SWAPPABLE = new Exceptions(
            Map.ofEntries(
                    entry("Families.Families", "IPv4 comes first everywhere"),
                    entry("LibC", "the prototypes of C"),
                    entry("LibNetfilterQueue", "the prototypes of C"),
                    entry("SocketCalls", "the prototypes of C"),
                    entry("PacketView.decode", DECODER),
                    entry("I*View.wrap", DECODER),
                    entry("TcpView.wrap", DECODER),
                    entry("UdpView.wrap", DECODER),
                    entry("StreamCounts", "both ways, packets before bytes, as the kernel reports them")),
            """
            BenchOptions CaptureFormat ConfigWriter Connection Connections ControlServer Cores Dumps Durations
            EventLines EventLog EventReading ExpectationTable FlowRecord FlowTable HttpAnswer Interest InterfacePair
            JsonFormat KernelQueueReader KernelQueues LogFormat LoopbackQueue MachineLoad MergedDatagrams Moment
            NetlinkHeader NetlinkSetup OpenFailure PacketMessageWriter PacketWriter PairCounts Past PastExchanges
            PcapReader QueueActivity QueueSettings QueuedMessages QueuedPacketView RateLimit ReceiveBatch
            ReloadOutcome ReversePathCheck RuleOptions Session SessionRecord SlotHints SlotTable StateFile Streams
            SyntheticExchange TableLimits TcpState TcpTraffic TextFormat TrackedEnd TransactionTable
            VerdictWriter
            """);

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
            new TreeScanner<Void, Void>() {
                @Override
                public Void visitMethod(final MethodTree method, final Void nothing) {
                    final boolean isPrivate = method.getModifiers().getFlags().contains(Modifier.PRIVATE);
                    found.add(new Declared(source.className(), nameOf(method), method.getParameters(), isPrivate));
                    return super.visitMethod(method, null);
                }

                @Override
                public Void visitClass(final ClassTree type, final Void nothing) {
                    if (type.getKind() == Tree.Kind.RECORD) {
                        found.add(new Declared(
                                source.className(), type.getSimpleName().toString(), components(type), false));
                    }
                    return super.visitClass(type, null);
                }
            }.scan(source.tree(), null);
        }
        return found;
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
