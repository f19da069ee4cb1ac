namespace Broker.Attestation.Quotes;

/// <summary>
/// TDATTRIBUTES, 64 bits little-endian at TD report offset 120 (Intel TDX module ABI, TD attributes).
/// The lowest byte is the "TD under debug" group: any bit there means the TD is not protected from its host.
/// </summary>
[Flags]
public enum TdAttributes : ulong
{
    None = 0,

    /// <summary>The host can read and change the TD's memory.</summary>
    Debug = 1UL << 0,
    HgsPlusProf = 1UL << 4,
    PerfProf = 1UL << 5,
    PmtProf = 1UL << 6,
    Icssd = 1UL << 16,
    ServTdExt = 1UL << 17,
    Lass = 1UL << 27,

    /// <summary>A private page that the host takes away stops the TD; without it the host can inject #VE.</summary>
    SeptVeDisable = 1UL << 28,

    /// <summary>A service TD may move this TD to another machine.</summary>
    Migratable = 1UL << 29,

    /// <summary>Supervisor protection keys.</summary>
    Pks = 1UL << 30,

    /// <summary>Key locker.</summary>
    KeyLocker = 1UL << 31,
    Tpa = 1UL << 62,

    /// <summary>Performance monitoring inside the TD.</summary>
    PerfMon = 1UL << 63,
}
