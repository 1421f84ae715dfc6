package org.amverdict.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.amverdict.json.JsonSchemas;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/** The schema that editors get, against what the program accepts. */
final class SettingsSchemaTest {
    private static List<String> problems(final String yaml) throws JsonProcessingException {
        final LoadSettings yaml12 =
                LoadSettings.builder().setSchema(new CoreSchema()).build();
        final Object document = new Load(yaml12).loadFromString(yaml);
        return JsonSchemas.problemsBy(SettingsSchema.text(), new ObjectMapper().writeValueAsString(document));
    }

    @Test
    void shouldAcceptWhatTheProgramAccepts() throws ConfigurationException, JsonProcessingException {
        for (final String good : List.of(
                SettingsLoaderTest.EXAMPLE,
                SettingsKeyTest.EVERYTHING,
                Settings.defaults().toYaml(),
                SettingsLoader.load(SettingsKeyTest.EVERYTHING, "test").toYaml(),
                "{state: {file: off}, metrics: {listen: off}, control-ports: 10080}")) {
            SettingsLoader.load(good, "test");

            assertEquals(List.of(), problems(good), good);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "mdoe: monitor | $",
                "mode: on | $.mode",
                "queue-length: 1048577 | $.queue-length",
                "queue-length: 4k | $.queue-length",
                "'queues: [{copy: packet}]' | $.queues[0]",
                "'queues: [{numbers: 1, cpu: 1024}]' | $.queues[0].cpu",
                "'allow: [{requesters: 1.2.3.4, responders: 1.2.3.4, services: [x]}]' | $.allow[0].services[0]",
                "'expectations: {per-reply: 6}' | $.expectations.per-reply",
                "'expectations: {lifetime: 180}' | $.expectations.lifetime",
                "'flows: {adopt: maybe}' | $.flows.adopt"
            })
    void shouldRefuseWhatTheProgramRefuses(final String bad, final String place) throws JsonProcessingException {
        final List<String> found = problems(bad);

        assertEquals(1, SettingsLoaderTest.problems(bad).size(), bad);
        assertTrue(found.size() == 1 && found.get(0).contains(place + ": "), found.toString());
    }

    @Test
    void shouldDescribeEveryKey() {
        assertEquals(SettingsKeys.ALL.size(), SettingsSchema.text().split("\"description\":", -1).length - 1);
    }
}
