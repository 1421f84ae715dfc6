package org.amverdict.nfqueue.ffi;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Becomes the program that a service manager starts: gets descriptors from a {@link DescriptorStore}, puts them at 3 and
 * upwards, and executes a command with LISTEN_FDS and NOTIFY_SOCKET, in the same process. No JDK starts a child with
 * descriptors.
 */
public final class StartWithDescriptors {
    private static final int FIRST = 3;
    private static final int ASIDE = 400;
    private static final int WAIT_MILLIS = 60_000;

    private StartWithDescriptors() {}

    /** What this program needs of libc and the program itself does not. */
    public interface Exec {
        // int dup2(int oldfd, int newfd)
        int dup2(int from, int to);

        // int execve(const char *pathname, char *const argv[], char *const envp[])
        int execve(String path, String[] arguments, String[] environment);
    }

    /**
     * Gets the descriptors and becomes the command.
     *
     * @param words the store's socket for starters, NOTIFY_SOCKET, and the command with its words
     */
    public static void main(final String... words) {
        final Exec exec = NativeLibraries.load(Exec.class, "libc.so.6", "libc6");
        final List<String> names = new ArrayList<>();
        try (UnixChannel store = UnixChannel.connect(words[0])) {
            for (String name = store.receive(WAIT_MILLIS);
                    name != null && !name.isEmpty() && !name.equals("end");
                    name = store.receive(WAIT_MILLIS)) {
                exec.dup2(store.descriptor(), ASIDE + names.size());
                names.add(name);
            }
            store.send("going");
        }
        final Map<String, String> environment = new TreeMap<>(System.getenv());
        environment.put("NOTIFY_SOCKET", words[1]);
        environment.put("LISTEN_FDS", Integer.toString(names.size()));
        environment.put("LISTEN_PID", Long.toString(ProcessHandle.current().pid()));
        environment.put("LISTEN_FDNAMES", String.join(":", names));
        // This process has its own files at 3 and upwards, and cannot do without them.
        final StringBuilder move = new StringBuilder("exec \"$@\"");
        for (int i = 0; i < names.size(); i++) {
            move.append(" %d<&%d %d<&-".formatted(FIRST + i, ASIDE + i, ASIDE + i));
        }
        final List<String> command = new ArrayList<>(List.of("bash", "-c", move.toString(), "start"));
        command.addAll(List.of(words).subList(2, words.length));
        final String[] variables = environment.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .toArray(String[]::new);
        exec.execve("/bin/bash", command.toArray(new String[0]), variables);
        throw new IllegalStateException("no bash");
    }
}
