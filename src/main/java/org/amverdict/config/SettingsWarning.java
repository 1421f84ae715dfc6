package org.amverdict.config;

/**
 * Something valid that is probably not meant.
 *
 * @param path the key, as in "allow[1]" or "metrics.listen"; list entries count from 0
 * @param message what is odd and what to do
 */
public record SettingsWarning(String path, String message) {
    @Override
    public String toString() {
        return path + ": " + message;
    }
}
