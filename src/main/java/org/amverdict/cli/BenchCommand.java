package org.amverdict.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.amverdict.bench.Bench;
import org.amverdict.bench.BenchOptions;
import org.amverdict.bench.Contestant;
import org.amverdict.bench.MissingToolException;
import org.amverdict.bench.Mix;
import org.amverdict.demo.Tier;
import org.amverdict.host.ExitCode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code amverdict bench}: throughput and latency through a kernel queue on this host. */
@Command(
        name = "bench",
        description = {
            "Measures throughput, CPU per packet and latency through a kernel queue on this host, next to an ACCEPT"
                    + " rule and other programs, in network namespaces of its own. Every consumer accepts every packet.",
            "Close other work; compare ratios of one run, never figures of two hosts."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = ExitList.HEADING,
        exitCodeList = {
            "0:done",
            "1:a contestant failed, the others were measured; or nothing could be",
            ExitList.USAGE,
            "69:a tool is missing: iperf3, iptables, ...",
            "77:needs root"
        })
public final class BenchCommand implements Callable<Integer> {
    private static final String STDOUT = "-";

    @Spec
    private CommandSpec spec;

    @Option(names = "--seconds", paramLabel = "N", description = "Of each measurement (default: ${DEFAULT-VALUE}).")
    private int seconds = 2;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "Contestants take turns so often (default: ${DEFAULT-VALUE}).")
    private int rounds = 3;

    @Option(
            names = "--mix",
            paramLabel = "LIST",
            description = "control,rate,syn,hit,flows,bulk,bulk-segmented,latency or all (default: ${DEFAULT-VALUE}).")
    private String mixes = "all";

    @Option(
            names = "--against",
            paramLabel = "NAME=COMMAND",
            description =
                    "Also measure this program: it gets a queue number as its last argument, says 'ready' once it has"
                            + " bound the queue, and accepts every packet, without the queue's GSO flag but for bulk. May be"
                            + " repeated; the first is what the others are compared with.")
    private List<String> against = new ArrayList<>();

    @Option(
            names = "--rate",
            paramLabel = "N",
            description = "Packets/s of the mix 'rate' (default: ${DEFAULT-VALUE}).")
    private int rate = 180_000;

    @Option(
            names = "--queues",
            split = ",",
            paramLabel = "N",
            description = "Numbers of queues with which amverdict takes part, 1 to " + Contestant.QUEUES_MAX
                    + ", as in 1,2,4; more than 1 for the mixes syn, hit and flows (default: 1). All threads share the"
                    + " consumer's processor.")
    private List<Integer> queues = new ArrayList<>(List.of(1));

    @Option(
            names = "--rate-per-queue",
            paramLabel = "N",
            description =
                    "Send the mixes syn, hit and flows at N packets/s for each queue of the one that is measured, not"
                            + " as fast as one core can.")
    private int ratePerQueue;

    @Option(
            names = "--patience",
            paramLabel = "N",
            description = "The most seconds to wait for an idle machine before each measurement"
                    + " (default: ${DEFAULT-VALUE}).")
    private int patience = 15;

    @Option(
            names = "--json",
            arity = "0..1",
            fallbackValue = STDOUT,
            paramLabel = "FILE",
            description =
                    "Write every row and the facts of the host as one JSON object to this file, or to stdout in the"
                            + " place of the tables.")
    private @Nullable String json;

    @Override
    public Integer call() {
        final BenchOptions options = options();
        final PrintWriter err = spec.commandLine().getErr();
        try {
            if (Tier.ofThisProcess() == Tier.REPLAY) {
                err.println("amverdict bench: needs root, to make network namespaces and to bind a queue");
                return ExitCode.NO_PERMISSION;
            }
            final Bench bench = new Bench(options, err);
            final boolean good = bench.run();
            report(bench);
            return good ? ExitCode.OK : ExitCode.FAILED;
        } catch (final MissingToolException e) {
            err.println("amverdict bench: " + e.getMessage());
            return ExitCode.UNAVAILABLE;
        } catch (final IOException | UncheckedIOException e) {
            err.println("amverdict bench: " + e.getMessage());
            return ExitCode.FAILED;
        }
    }

    private BenchOptions options() {
        try {
            return new BenchOptions(
                    new BenchOptions.Pace(seconds, rounds, patience),
                    new BenchOptions.Rates(rate, ratePerQueue),
                    Mix.list(mixes),
                    against.stream().map(Contestant::parse).toList(),
                    queues);
        } catch (final IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private void report(final Bench bench) throws IOException {
        final PrintWriter out = spec.commandLine().getOut();
        if (STDOUT.equals(json)) {
            out.println(bench.json());
        } else {
            out.print(bench.table());
        }
        out.flush();
        if (json != null && !json.equals(STDOUT)) {
            Files.writeString(Path.of(json), bench.json() + "\n");
        }
    }
}
