package org.amverdict.inputs;

import java.io.IOException;
import java.net.URISyntaxException;

/** The bad inputs of this module. */
final class BadInputListTest extends BadInputList {
    BadInputListTest() throws IOException, URISyntaxException, ReflectiveOperationException {
        super("engine", "docs/threats.md");
    }
}
