package org.amverdict.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.amverdict.json.JsonLine;

/**
 * Where it was measured: figures of two hosts are not comparable.
 *
 * @param kernel release
 * @param machine architecture
 * @param cpuModel as /proc/cpuinfo names it
 * @param cpus that this process may use
 * @param memoryMegabytes of the whole machine
 * @param loadBefore mean number of runnable tasks in the minute before
 * @param java version and VM
 * @param javaOptions of the measured program: its collector and heap
 */
record HostFacts(
        String kernel,
        String machine,
        String cpuModel,
        int cpus,
        long memoryMegabytes,
        double loadBefore,
        String java,
        List<String> javaOptions) {
    private static final long KILO = 1024;

    /** @param javaOptions of this process, which the launcher starts as it starts the measured one */
    static HostFacts read(final List<String> javaOptions) throws IOException {
        return new HostFacts(
                Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip(),
                System.getProperty("os.arch", ""),
                field(Files.readString(Path.of("/proc/cpuinfo")), "model name"),
                Runtime.getRuntime().availableProcessors(),
                kilobytes(field(Files.readString(Path.of("/proc/meminfo")), "MemTotal")) / KILO,
                Double.parseDouble(Files.readString(Path.of("/proc/loadavg")).split(" ", -1)[0]),
                Runtime.version() + ", " + System.getProperty("java.vm.name"),
                List.copyOf(javaOptions));
    }

    /** Value of the first line {@code name : value} of a text, or "unknown": aarch64 names no model. */
    static String field(final String text, final String name) {
        return text.lines()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse("unknown");
    }

    private static long kilobytes(final String text) {
        return text.endsWith(" kB") ? Long.parseLong(text.substring(0, text.length() - 3)) : 0;
    }

    void writeTo(final JsonLine json) {
        json.openObject("host")
                .add("kernel", kernel)
                .add("machine", machine)
                .add("cpu_model", cpuModel)
                .add("cpus", cpus)
                .add("memory_megabytes", memoryMegabytes)
                .addNumber("load_before", Double.toString(loadBefore))
                .add("java", java)
                .add("java_options", String.join(" ", javaOptions))
                .closeObject();
    }

    /** One line for the reader of the table. */
    String text() {
        return "Linux " + kernel + " " + machine + ", " + cpus + " CPUs (" + cpuModel + "), " + memoryMegabytes
                + " MiB, Java " + java + "; load before " + loadBefore;
    }
}
