package org.amverdict.scale;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The data caches of the first processor, as Linux describes them (sysfs-devices-system-cpu). Stateless. */
final class Caches {
    private static final Path DIRECTORY = Path.of("/sys/devices/system/cpu/cpu0/cache");
    private static final int KIB = 1024;
    private static final int INDEXES_MAX = 8;

    /**
     * A cache.
     *
     * @param level 1 is closest to the core
     */
    record Cache(int level, long bytes) {
        /** As in "L2 1 MiB". */
        String label() {
            return "L" + level + " " + (bytes < KIB * KIB ? bytes / KIB + " KiB" : bytes / KIB / KIB + " MiB");
        }
    }

    private Caches() {}

    /** All caches, closest first; none where the kernel does not list them. */
    static List<Cache> ofThisMachine() throws IOException {
        final List<Cache> caches = new ArrayList<>();
        for (int i = 0; i < INDEXES_MAX; i++) {
            final Path cache = DIRECTORY.resolve("index" + i);
            if (Files.exists(cache) && !"Instruction".equals(read(cache, "type"))) {
                final String size = read(cache, "size"); // always in K
                caches.add(new Cache(
                        Integer.parseInt(read(cache, "level")),
                        Long.parseLong(size.substring(0, size.length() - 1)) * KIB));
            }
        }
        return caches;
    }

    private static String read(final Path cache, final String name) throws IOException {
        return Files.readString(cache.resolve(name)).strip();
    }
}
