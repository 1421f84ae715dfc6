/**
 * The configuration: amverdict.yaml is read into immutable Settings, every key declared once in {@link
 * org.amverdict.config.SettingsKeys}, and {@link org.amverdict.config.EngineConfiguration} says what the values mean to the
 * engine, its tables and its queues. May use the core, which sets the limits of many values, and how a queue is opened.
 */
@NullMarked
package org.amverdict.config;

import org.jspecify.annotations.NullMarked;
