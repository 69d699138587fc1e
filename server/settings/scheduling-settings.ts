import { setting, whole } from './setting.ts'

/** Settings of what the hub schedules. */
export const schedulingSettings = {
  reproducePerDay: setting(
    {
      flag: '--reproduce-per-day <number>',
      env: 'BUILDER_HUB_REPRODUCE_PER_DAY',
      help: 'rebuilds that the hub queues by itself in 24 hours, where the schedule of a job asks for them; 0: none',
      fallback: '100',
      isReloadable: true,
    },
    whole(0, 1_000_000),
  ),
  runDays: setting(
    {
      flag: '--run-days <days>',
      env: 'BUILDER_HUB_RUN_DAYS',
      help: 'days after which runs that have ended are forgotten, with their tries; their builds stay; 0: never',
      fallback: '365',
      isReloadable: true,
    },
    whole(0, 36_500),
  ),
}
