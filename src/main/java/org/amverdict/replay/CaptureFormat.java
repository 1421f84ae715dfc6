package org.amverdict.replay;

import java.io.IOException;

/** One file format: walks the records and hands each captured frame to the reader. */
interface CaptureFormat {
    /**
     * Goes to the next frame and passes it to {@code frame}.
     *
     * @return false at the end of the file
     * @throws CaptureException when the file is damaged
     */
    boolean next(FrameConsumer frame) throws IOException;

    /** Receives one frame; the bytes are in the reader's slab until the next call. */
    @FunctionalInterface
    interface FrameConsumer {
        void frame(int linkType, int interfaceNumber, long timestampNanos, int offset, int length, int originalLength);
    }
}
