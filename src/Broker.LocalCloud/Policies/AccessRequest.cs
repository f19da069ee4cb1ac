namespace Broker.LocalCloud.Policies;

/// <summary>
/// One action on one resource by one caller, with all that conditions and variables may ask about it.
/// </summary>
internal sealed class AccessRequest
{
    private readonly Dictionary<string, string[]> _keys = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="action">As <c>service:Action</c>.</param>
    /// <param name="resource">The resource's ARN.</param>
    /// <param name="names">The names of the caller that a policy's <c>Principal</c> may match.</param>
    /// <param name="keys">
    /// Condition keys with their values; a key that is absent here is absent for <c>Null</c>.
    /// </param>
    public AccessRequest(
        string action, string resource, IReadOnlyList<PrincipalName> names,
        IEnumerable<KeyValuePair<string, string[]>> keys)
    {
        (Action, Resource, Names) = (action, resource, names);
        foreach (var (key, values) in keys) _keys[key] = values;
    }

    public string Action { get; }

    public string Resource { get; }

    public IReadOnlyList<PrincipalName> Names { get; }

    /// <returns>The values under a condition key (names compare without case), or null when it is absent.</returns>
    public string[]? Values(string key) => _keys.GetValueOrDefault(key);
}
