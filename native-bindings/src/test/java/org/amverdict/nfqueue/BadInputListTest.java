package org.amverdict.nfqueue;

import java.io.IOException;
import java.net.URISyntaxException;
import org.amverdict.inputs.BadInputList;

/** The bad inputs of this module. */
final class BadInputListTest extends BadInputList {
    BadInputListTest() throws IOException, URISyntaxException, ReflectiveOperationException {
        super("native-bindings", "../src/docs/threats.md");
    }
}
