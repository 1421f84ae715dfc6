package org.amverdict.nfqueue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.amverdict.inputs.BadInput;
import org.amverdict.nfqueue.ffi.Errno;
import org.amverdict.nfqueue.ffi.NativeException;
import org.junit.jupiter.api.Test;

class OpenFailureTest {
    private static final KernelQueues FIVE_IS_TAKEN = KernelQueues.parse("5 4711 0 2 1500 0 0 0 1\n");

    @Test
    @BadInput(27)
    void shouldTellAMissingPrivilegeFromATakenQueue() {
        assertStarts(
                "this process lacks CAP_NET_ADMIN; ", OpenFailure.hint(5, Errno.EPERM, false, true, FIVE_IS_TAKEN));
        assertStarts(
                "queue 5 is owned by netlink port id 4711, ",
                OpenFailure.hint(5, Errno.EPERM, true, true, FIVE_IS_TAKEN));
        assertStarts(
                "CAP_NET_ADMIN is held, but not in the user namespace",
                OpenFailure.hint(6, Errno.EPERM, true, true, FIVE_IS_TAKEN));
        assertStarts("queue 5 probably belongs", OpenFailure.hint(5, Errno.EPERM, true, true, null));
    }

    @Test
    void shouldNoticeAKernelWithoutNfqueue() {
        final String expected = "this kernel has no NFQUEUE; load it with: modprobe nfnetlink_queue";
        assertStarts(expected, OpenFailure.hint(5, Errno.EPROTONOSUPPORT, true, false, null));
        assertStarts(expected, OpenFailure.hint(5, Errno.EINVAL, true, false, null));
        assertEquals("", OpenFailure.hint(5, Errno.EINVAL, true, true, FIVE_IS_TAKEN));
    }

    @Test
    @BadInput(28)
    void shouldNameTheStepAndTheRemedyOfARefusedFlag() {
        final NativeException e = OpenFailure.of("set flags of queue", 5, Errno.EOPNOTSUPP);

        assertEquals(Errno.EOPNOTSUPP, e.errno());
        assertEquals("set flags of queue 5", e.operation());
        assertStarts(
                "this kernel lacks a flag of the queue",
                OpenFailure.hint(5, Errno.EOPNOTSUPP, true, true, FIVE_IS_TAKEN));
    }

    @Test
    void shouldReadTheEffectiveCapabilities() {
        assertTrue(Capabilities.hasNetAdmin("Name:\tx\nCapPrm:\t0\nCapEff:\t0000000000001000\n"));
        assertTrue(Capabilities.hasNetAdmin("CapEff:\tffffffffffffffff\n"));
        assertFalse(Capabilities.hasNetAdmin("CapEff:\t000001ffffffefff\n"));
        assertFalse(Capabilities.hasNetAdmin("CapEff:\t0000000000000000\nCapBnd:\t000001ffffffffff\n"));
        assertTrue(Capabilities.hasNetAdmin("CapEff:\twhat\n"), "unknown: the privilege is not to blame");
        assertTrue(Capabilities.hasNetAdmin(""));
    }

    private static void assertStarts(final String expected, final String hint) {
        assertTrue(hint.startsWith(expected), hint);
    }
}
