package org.amverdict.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.source.tree.CaseTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.SwitchExpressionTree;
import com.sun.source.tree.SwitchTree;
import com.sun.source.util.TreeScanner;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.amverdict.amanda.Refusal;
import org.amverdict.engine.Cause;
import org.amverdict.engine.Reason;
import org.amverdict.engine.Verdict;
import org.amverdict.track.Removal;
import org.junit.jupiter.api.Test;

/**
 * A switch over one of the closed lists has no {@code default}: a new constant does not compile until each switch says what
 * it is there. Only of an expression does javac ask that.
 */
final class ClosedListTest {
    private static final List<Class<? extends Enum<?>>> LISTS =
            List.of(Reason.class, Refusal.class, Verdict.class, Removal.class, Cause.class);

    private static final Exceptions WITH_DEFAULT = new Exceptions(Map.of(), "");

    /** @param isExpression what javac checks by itself */
    private record Switch(MainSource source, List<? extends CaseTree> cases, boolean isExpression, long position) {
        /** Those it names, without {@code default}. */
        Set<String> labels() {
            return cases.stream()
                    .flatMap(one -> one.getExpressions().stream())
                    .map(ExpressionTree::toString)
                    .map(label -> label.substring(label.lastIndexOf('.') + 1))
                    .collect(Collectors.toSet());
        }

        /** In Java 17 a case without expressions. */
        boolean hasDefault() {
            return cases.stream().anyMatch(one -> one.getExpressions().isEmpty());
        }

        /** Whether all that it names is in the list. By names, since the source is parsed, not compiled. */
        boolean isOver(final Class<? extends Enum<?>> list) {
            return !labels().isEmpty() && constants(list).containsAll(labels());
        }

        String where(final Class<? extends Enum<?>> list) {
            return source.className() + " line " + source.tree().getLineMap().getLineNumber(position) + ": over "
                    + list.getSimpleName();
        }
    }

    private static Set<String> constants(final Class<? extends Enum<?>> list) {
        return Arrays.stream(list.getEnumConstants()).map(Enum::name).collect(Collectors.toSet());
    }

    private static List<Switch> switches() {
        final List<Switch> found = new ArrayList<>();
        for (final MainSource source : MainSource.all()) {
            new TreeScanner<Void, Void>() {
                @Override
                public Void visitSwitch(final SwitchTree tree, final Void nothing) {
                    found.add(new Switch(source, tree.getCases(), false, source.start(tree)));
                    return super.visitSwitch(tree, null);
                }

                @Override
                public Void visitSwitchExpression(final SwitchExpressionTree tree, final Void nothing) {
                    found.add(new Switch(source, tree.getCases(), true, source.start(tree)));
                    return super.visitSwitchExpression(tree, null);
                }
            }.scan(source.tree(), null);
        }
        return found;
    }

    @Test
    void shouldHaveNoDefault() {
        final List<String> found = new ArrayList<>();
        for (final Switch one : switches()) {
            LISTS.stream()
                    .filter(list -> one.hasDefault() && one.isOver(list))
                    .map(one::where)
                    .forEach(found::add);
        }

        assertTrue(switches().stream().anyMatch(one -> one.isOver(Reason.class)), "one was found");
        WITH_DEFAULT.hold("a default hides what a new constant needs", found);
    }

    @Test
    void shouldBeAnExpression() {
        final List<String> found = new ArrayList<>();
        for (final Switch one : switches()) {
            LISTS.stream()
                    .filter(list -> !one.isExpression() && one.isOver(list))
                    .map(one::where)
                    .forEach(found::add);
        }

        assertEquals("", String.join("\n", found), "javac does not ask a statement for a new constant");
    }
}
