package org.amverdict.cli;

import java.lang.reflect.Proxy;

/**
 * Signals that Java itself has no API for. {@code sun.misc.Signal} is in the module jdk.unsupported, which is exported
 * and kept (JEP 260) because Java has no alternative; it is used by reflection because javac warns about it and the
 * warning cannot be suppressed. sigaction through jnr-ffi would run Java on a thread that a signal has interrupted.
 */
final class Signals {
    private Signals() {}

    /**
     * Makes SIGHUP run this, on its own thread each time, instead of ending the program.
     *
     * @throws IllegalStateException if this Java cannot
     */
    static void onHangup(final Runnable action) {
        try {
            final Class<?> signal = Class.forName("sun.misc.Signal");
            final Class<?> handler = Class.forName("sun.misc.SignalHandler");
            final Object onSignal = Proxy.newProxyInstance(
                    Signals.class.getClassLoader(), new Class<?>[] {handler}, (proxy, method, arguments) -> {
                        if (method.getDeclaringClass() == Object.class) {
                            return method.invoke(action, arguments);
                        }
                        action.run();
                        return null;
                    });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance("HUP"), onSignal);
        } catch (final ReflectiveOperationException e) {
            throw new IllegalStateException("SIGHUP cannot be handled: " + e, e);
        }
    }
}
