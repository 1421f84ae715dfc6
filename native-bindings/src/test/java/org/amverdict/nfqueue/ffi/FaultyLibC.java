package org.amverdict.nfqueue.ffi;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.function.BiFunction;
import jnr.ffi.Runtime;

/** The C library, of which some calls fail as a test wants it. */
public final class FaultyLibC {
    private static final LibC REAL = NativeLibraries.libC();

    private FaultyLibC() {}

    /** What becomes of a call. */
    public sealed interface Outcome {
        /** It is made. */
        Outcome REAL = new Made();

        /** It is made. */
        record Made() implements Outcome {}

        /** It is not made, and fails with this errno. */
        record Failed(int errno) implements Outcome {}

        /** It is not made, and returns this. */
        record Returned(long result) implements Outcome {}
    }

    /**
     * A C library with faults.
     *
     * @param faults asked before each call, with the function's name and its arguments
     */
    public static LibC of(final BiFunction<String, Object[], Outcome> faults) {
        return (LibC) Proxy.newProxyInstance(
                LibC.class.getClassLoader(),
                new Class<?>[] {LibC.class},
                (proxy, method, arguments) -> call(faults.apply(method.getName(), arguments), method, arguments));
    }

    private static Object call(final Outcome outcome, final Method method, final Object[] arguments) throws Throwable {
        if (outcome instanceof Outcome.Made) {
            try {
                return method.invoke(REAL, arguments);
            } catch (final InvocationTargetException e) {
                throw e.getCause();
            }
        }
        final long result;
        if (outcome instanceof Outcome.Failed failed) {
            Runtime.getRuntime(REAL).setLastError(failed.errno());
            result = -1;
        } else {
            result = ((Outcome.Returned) outcome).result();
        }
        return method.getReturnType() == long.class ? (Object) result : (Object) (int) result;
    }
}
