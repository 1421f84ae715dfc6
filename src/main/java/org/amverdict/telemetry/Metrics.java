package org.amverdict.telemetry;

import com.sun.management.OperatingSystemMXBean;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import org.jspecify.annotations.Nullable;

/**
 * All metrics of one program. The registry is created at the first scrape, since loading it would take much of the
 * startup time; the engine's figures do not depend on when that happens. Any thread may scrape.
 */
public final class Metrics implements AutoCloseable {
    /** Content type of the Prometheus text format. */
    public static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";
    /** Content type of OpenMetrics. */
    public static final String OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    private static final double NANOS_PER_SECOND = 1e9;

    private final SharedFigures figures;

    private @Nullable PrometheusMeterRegistry registry;
    private @Nullable JvmGcMetrics collections;
    private boolean closed;

    public Metrics(final SharedFigures figures) {
        this.figures = figures;
    }

    /**
     * Writes every metric.
     *
     * @param contentType {@link #TEXT} or {@link #OPEN_METRICS}
     * @throws IllegalStateException after {@link #close}
     */
    public synchronized void scrape(final OutputStream out, final String contentType) throws IOException {
        if (closed) {
            throw new IllegalStateException("the metrics are closed");
        }
        PrometheusMeterRegistry current = registry;
        if (current == null) {
            current = create();
            registry = current;
        }
        current.scrape(out, contentType);
    }

    private PrometheusMeterRegistry create() {
        final PrometheusMeterRegistry made = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        // Otherwise colliding names are only logged and one of them is missing.
        made.throwExceptionOnRegistrationFailure();
        // The load of the machine is the node exporter's business.
        made.config().meterFilter(MeterFilter.denyNameStartsWith("system"));
        // In nanoseconds, which no other exporter uses; see below.
        made.config().meterFilter(MeterFilter.denyNameStartsWith("process.cpu.time"));
        made.getPrometheusRegistry().register(new MetricsCollector(figures));
        new JvmMemoryMetrics().bindTo(made);
        new JvmThreadMetrics().bindTo(made);
        new ClassLoaderMetrics().bindTo(made);
        new ProcessorMetrics().bindTo(made);
        processorTime(made);
        new UptimeMetrics().bindTo(made);
        new FileDescriptorMetrics().bindTo(made);
        // Last: it listens to the collector, so nothing after it may fail.
        final JvmGcMetrics gc = new JvmGcMetrics();
        collections = gc;
        gc.bindTo(made);
        return made;
    }

    private static void processorTime(final MeterRegistry registry) {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
            FunctionCounter.builder("process.cpu", system, bean -> bean.getProcessCpuTime() / NANOS_PER_SECOND)
                    .baseUnit("seconds")
                    .description("Processor time of this process, of all its threads.")
                    .register(registry);
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        final JvmGcMetrics gc = collections;
        if (gc != null) {
            gc.close();
            collections = null;
        }
        final PrometheusMeterRegistry current = registry;
        if (current != null) {
            current.close();
            registry = null;
        }
    }
}
