package org.amverdict.track;

/** The tables, as the label {@code table} of metrics names them. */
public enum TableName {
    TRANSACTIONS("transactions"),
    EXPECTATIONS("expectations"),
    FLOWS("flows"),
    FRAGMENTS("fragments"),
    RECOVERIES("recoveries");

    private final String label;

    TableName(final String label) {
        this.label = label;
    }

    public String label() {
        return label;
    }
}
