/**
 * The most platforms that the API lists for one job or one output. A record may name any platform, so a job may have
 * thousands: without a limit, one user could make the home page long and slow for everybody.
 */
export const mostPlatforms = 12
