using Broker.Foundation.Settings;

namespace Broker.Kms.Configuration;

/// <summary>The settings of the KMS: those of its features, one after the other.</summary>
public static class KmsSettings
{
    /// <summary>Every setting, in the order in which <c>broker.env.example</c> prints them.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        .. ListenerSettings.All, .. TlsSettings.All, .. NodeSettings.All, .. AttestationSettings.All,
        .. ImageSettings.All, .. AdminSettings.All, .. AuthorizationSettings.All, .. OnboardingSettings.All,
        .. GuestAgentSettings.All,
    ];

    /// <summary>The folder of keys and certificates.</summary>
    public static Setting<string> CertDir => NodeSettings.CertDir;

    /// <summary>
    /// Reads what is said of the machine alone: its guest agent, and by whose word evidence is judged. For a process
    /// that speaks for its machine without being a KMS.
    /// </summary>
    /// <exception cref="BootFailException">
    /// Values are not of their form, contradict one another, or name files that are no roots; it names all of them.
    /// </exception>
    public static KmsOptions ReadMachine(BootEnvironment boot)
    {
        var faults = new BootFaults();
        faults.CheckForms(boot, [.. AttestationSettings.All, .. GuestAgentSettings.All]);
        faults.ThrowIfAny();
        var options = GuestAgentSettings.Read(boot, AttestationSettings.Read(boot, new KmsOptions()));
        faults.Add(AttestationSettings.FindContradictions(options));
        faults.ThrowIfAny();
        return options;
    }

    /// <summary>Reads the settings; one that is unset keeps its default.</summary>
    /// <exception cref="BootFailException">
    /// Values are not of their form, or contradict one another; it names all of them.
    /// </exception>
    public static KmsOptions Read(BootEnvironment boot)
    {
        var faults = new BootFaults();
        faults.CheckForms(boot, All);
        faults.ThrowIfAny();
        var options = ((Func<BootEnvironment, KmsOptions, KmsOptions>[])
        [
            ListenerSettings.Read, TlsSettings.Read, NodeSettings.Read, AttestationSettings.Read, ImageSettings.Read,
            AdminSettings.Read, AuthorizationSettings.Read, OnboardingSettings.Read, GuestAgentSettings.Read,
        ]).Aggregate(new KmsOptions(), (read, feature) => feature(boot, read));

        faults.Add(AdminSettings.FindContradictions(options));
        faults.Add(AttestationSettings.FindContradictions(options));
        faults.Add(TlsSettings.FindContradictions(options));
        faults.ThrowIfAny();
        return options;
    }
}
