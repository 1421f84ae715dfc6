package org.amverdict.doctor;

import java.util.List;
import org.amverdict.config.Settings;
import org.amverdict.host.Host;

/** A check that requires a valid configuration. */
interface SettingsCheck extends Check {
    @Override
    default List<Finding> run(final Host host, final Examination examination) {
        final Settings settings = examination.settings();
        if (settings == null) {
            return List.of(Finding.unknown("needs a valid configuration", "amverdict check " + examination.file()));
        }
        return run(host, examination, settings);
    }

    /** As {@link Check#run}, with the settings of the configuration. */
    List<Finding> run(Host host, Examination examination, Settings settings);
}
