package org.amverdict.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.amverdict.json.JsonLine;

/**
 * The measured machine: figures of two hosts are not comparable.
 *
 * @param machine the hardware and its kernel
 * @param loadBefore mean number of runnable tasks in the minute before
 * @param java version and VM
 * @param javaOptions of the measured program: its collector and heap
 */
record HostFacts(Machine machine, double loadBefore, String java, List<String> javaOptions) {
    /**
     * The hardware and its kernel.
     *
     * @param kernel release
     * @param architecture as Java names it
     * @param cpuModel as /proc/cpuinfo names it
     * @param cpus that this process may use
     * @param memoryMegabytes of the whole machine
     */
    record Machine(String kernel, String architecture, String cpuModel, int cpus, long memoryMegabytes) {}

    private static final long KILO = 1024;

    /** @param javaOptions of this process, which the launcher starts like the measured one */
    static HostFacts read(final List<String> javaOptions) throws IOException {
        final Machine machine = new Machine(
                Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip(),
                System.getProperty("os.arch", ""),
                field(Files.readString(Path.of("/proc/cpuinfo")), "model name"),
                Runtime.getRuntime().availableProcessors(),
                kilobytes(field(Files.readString(Path.of("/proc/meminfo")), "MemTotal")) / KILO);
        return new HostFacts(
                machine,
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
                .add("kernel", machine.kernel())
                .add("machine", machine.architecture())
                .add("cpu_model", machine.cpuModel())
                .add("cpus", machine.cpus())
                .add("memory_megabytes", machine.memoryMegabytes())
                .addNumber("load_before", Double.toString(loadBefore))
                .add("java", java)
                .add("java_options", String.join(" ", javaOptions))
                .closeObject();
    }

    /** One line for the reader of the table. */
    String text() {
        return "Linux " + machine.kernel() + " " + machine.architecture() + ", " + machine.cpus() + " CPUs ("
                + machine.cpuModel() + "), " + machine.memoryMegabytes() + " MiB, Java " + java + "; load before "
                + loadBefore;
    }
}
