package org.amverdict.bench;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import org.amverdict.json.JsonLine;

/** The results for programs: one JSON object, described by bench.schema.json next to this class. */
final class ResultJson {
    /** Grows when a reader of the previous form could misread it. */
    private static final int FORM = 1;

    private static final int DIGITS = 4;

    private ResultJson() {}

    static String write(final Results results, final BenchOptions options, final HostFacts host, final Cores cores) {
        final JsonLine json = new JsonLine().add("form", FORM);
        host.writeTo(json);
        json.openObject("options")
                .add("seconds", options.pace().seconds())
                .add("rounds", options.pace().rounds())
                .add("rate", options.rates().fixed())
                .add("rate_per_queue", options.rates().perQueue())
                .add("warm_up_seconds", RunSetup.WARM_UP_SECONDS)
                .add("generator_cpu", cores.generator())
                .add("consumer_cpu", cores.consumer())
                .closeObject();
        json.openArray("contestants");
        for (final Contestant contestant : options.contestants()) {
            json.openElement()
                    .add("name", contestant.name())
                    .add("command", contestant.command())
                    .add("queues", contestant.queues())
                    .closeObject();
        }
        json.closeArray().openArray("skipped");
        options.mixes().forEach(mix -> reasons(json, mix, results.skipped(mix)));
        json.closeArray().openArray("failed");
        options.mixes().forEach(mix -> reasons(json, mix, results.failed(mix)));
        json.closeArray().openArray("rows");
        for (final Run run : results.runs()) {
            json.openElement()
                    .add("mix", run.mix().label())
                    .add("contestant", run.contestant())
                    .add("round", run.round())
                    .openObject("values");
            run.values().forEach((name, value) -> json.addNumber(name, number(value)));
            json.closeObject().closeObject();
        }
        return json.closeArray().end();
    }

    private static void reasons(final JsonLine json, final Mix mix, final Map<String, String> reasons) {
        reasons.forEach((contestant, reason) -> json.openElement()
                .add("mix", mix.label())
                .add("contestant", contestant)
                .add("reason", reason)
                .closeObject());
    }

    private static String number(final double value) {
        return BigDecimal.valueOf(value)
                .setScale(DIGITS, RoundingMode.HALF_EVEN)
                .stripTrailingZeros()
                .toPlainString();
    }
}
